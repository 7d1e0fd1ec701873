import process from "node:process";
import { contestantOf, POOLS } from "../contestants/all.ts";
import type { Contestant } from "../contestant.ts";
import { sleep } from "../measure.ts";
import type { Measured, Suite, Test } from "../suite.ts";

const WORKERS = 8;
const MIB = 2 ** 20;

/** Ours and one of each family; set-ups of one library do not differ in this. */
const CONTESTANTS: readonly Contestant[] = POOLS.filter(({ name }) =>
  !["raw-batch32", "ring", "piscina-c32", "tinypool-atomics-c32"].includes(name)
);

/** What a worker costs while it has nothing to do. */
export const memorySuite: Suite = {
  name: "memory",
  about: "resident memory that 8 more workers take once each has run a job, per worker",
  columns: [{ metric: "per idle worker", unit: "MiB" }],
  ours: "helixrouter",
  entries: CONTESTANTS,
  limitS: 20,
  async measure({ entry }: Test): Promise<Measured> {
    const contestant = contestantOf(CONTESTANTS, entry);
    // The first pool pays for the library and for what the runtime loads with its first worker.
    await openAndUse(contestant, 1);
    const before = await settledRss();
    await openAndUse(contestant, WORKERS);
    const perWorker = (await settledRss() - before) / WORKERS;
    return { [entry]: { "per idle worker": perWorker / MIB } };
  },
};

/** The jobs are long enough that no worker can run two of them. */
async function openAndUse(contestant: Contestant, workers: number): Promise<void> {
  const { run } = await contestant.open({ workers, job: "burn" });
  await Promise.all(Array.from({ length: workers }, () => run(100)));
}

/** Idle workers of ours end after 1 s on Deno, so this must not wait that long. */
async function settledRss(): Promise<number> {
  await sleep(400);
  return process.memoryUsage.rss?.() ?? process.memoryUsage().rss;
}
