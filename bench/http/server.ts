// The server, a process of its own: the facade, a bare Hono route, and a facade whose router is full.
// Prints the URLs as JSON, and ends with its input.
import process from "node:process";
import { Hono } from "hono";
import { createRouter, type HelixRouter, type KindsOf } from "../../mod.ts";
import { createHttpApp, serve } from "../../src/http/mod.ts";
import jobs from "./http_jobs.ts";
import terms from "./terms_schema.ts";

/** Where the server answers. */
export interface ServerUrls {
  readonly facade: string;
  readonly bare: string;
  readonly full: string;
  readonly facts: string;
}

/** What `GET /` of `facts` answers. */
export interface ServerFacts {
  /** Time of the processor that the process has used, all threads together. */
  readonly cpuMs: number;
  readonly completed: number;
  readonly withinBudget: number | undefined;
}

/** Parses and validates the same JSON as the facade, with the same schema, and runs it inline. */
const bare = new Hono().post("/api/jobs/:kind", async (c) => {
  const { input } = await c.req.json();
  const checked = terms.safeParse(input);
  if (!checked.success) return c.json({ error: checked.error.issues }, 422);
  const { a, b } = checked.data;
  return c.json({ output: a + b });
});

const router = await createRouter({ jobs, cpuParallelism: 1, minWorkers: 1, cpuQueueCapacity: 16 });
const fullRouter = await createRouter({
  jobs,
  cpuParallelism: 1,
  minWorkers: 1,
  cpuQueueCapacity: 1,
});
await fill(fullRouter);

const facts = new Hono().get("/", (c) => {
  const { user, system } = process.cpuUsage();
  const { completed, withinBudget } = router.stats() as {
    completed: number;
    withinBudget?: number;
  };
  return c.json({ cpuMs: (user + system) / 1_000, completed, withinBudget });
});

const urls = await Promise.all(
  [createHttpApp(router), bare, createHttpApp(fullRouter), facts]
    .map(async (app) => (await serve(app, { port: 0 })).url),
);
const [facade, bareUrl, full, factsUrl] = urls;
const answer: ServerUrls = { facade, bare: bareUrl, full, facts: factsUrl };
console.log(JSON.stringify(answer));
process.stdin.on("end", () => process.exit()).resume();

/** One job runs for ever, one waits for ever: all others are refused. */
async function fill(full: HelixRouter<KindsOf<typeof jobs>>): Promise<void> {
  while (full.load.poolWaiting < 1) {
    void full.submit("hold", null);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
