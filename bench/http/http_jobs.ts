import { defineJobs, type JobContext } from "../../src/define/jobs.ts";

interface Terms {
  a: number;
  b: number;
}

/** Time a heavy job takes, in ms. */
export const HEAVY_MS = 5;

/** Not written in the definition: tsc does not rewrite imports within `export default`. */
const schema = () => import("./terms_schema.ts");

/** Jobs of the HTTP benchmark. */
export default defineJobs(import.meta.url, {
  add: { input: schema, cost: 1, run: ({ a, b }: Terms) => a + b },
  heavy: {
    cost: 100_000,
    run: (_: null) => {
      const end = performance.now() + HEAVY_MS;
      while (performance.now() < end);
      return "done";
    },
  },
  hold: {
    cost: 100_000,
    run: (_: null, { signal }: JobContext) =>
      new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
  },
});
