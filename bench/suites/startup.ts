import { contestantOf, POOLS } from "../contestants/all.ts";
import { closeSoon, type Contestant } from "../contestant.ts";
import { median } from "../stats.ts";
import type { Measured, Suite, Test } from "../suite.ts";

const CONTESTANTS: readonly Contestant[] = POOLS.filter(({ name }) =>
  !["raw-batch32", "piscina-c32", "tinypool-atomics-c32"].includes(name)
);

/** How long it takes until a program has its first answer. */
export const startupSuite: Suite = {
  name: "startup",
  about: "from nothing to the first result of one worker, in a fresh process; `next worker` is " +
    "another pool of one in the same process",
  columns: [
    { metric: "load the library", unit: "ms" },
    { metric: "first worker", unit: "ms" },
    { metric: "next worker", unit: "ms" },
  ],
  ours: "helixrouter",
  entries: CONTESTANTS,
  limitS: 20,
  async measure({ entry, quick }: Test): Promise<Measured> {
    const contestant = contestantOf(CONTESTANTS, entry);
    const start = performance.now();
    await contestant.load();
    const loaded = performance.now();
    const firstMs = await startMs(contestant);
    const nextMs: number[] = [];
    for (let i = 0; i < (quick ? 1 : 5); i++) nextMs.push(await startMs(contestant));
    return {
      [entry]: {
        "load the library": loaded - start,
        "first worker": firstMs,
        "next worker": median(nextMs),
      },
    };
  },
};

/** Opens a pool of one worker, has a job done, and closes it again, which is not counted. */
async function startMs(contestant: Contestant): Promise<number> {
  const start = performance.now();
  const opened = await contestant.open({ workers: 1, job: "add_one" });
  await opened.run(1);
  const elapsedMs = performance.now() - start;
  await closeSoon(opened);
  return elapsedMs;
}
