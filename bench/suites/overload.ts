import { poissonOffsets, replayArrivals } from "../arrivals.ts";
import type { Contestant } from "../contestant.ts";
import { contestantOf } from "../contestants/all.ts";
import { helixrouterAsUsed } from "../contestants/helixrouter.ts";
import { queued } from "../contestants/p_queue.ts";
import { piscina } from "../contestants/piscina.ts";
import { keepInFlight } from "../measure.ts";
import { quantile } from "../stats.ts";
import type { Measured, Suite, Test } from "../suite.ts";

const WORKERS = 2;
const JOB_MS = 5;
const BUDGET_MS = 50;
/** What two workers can do in a second if nothing else is in their way. */
const CAPACITY_PER_S = WORKERS * 1_000 / JOB_MS;
const OVERLOAD = 2;

const CONTESTANTS: readonly Contestant[] = [
  helixrouterAsUsed({ latencyBudgetMs: BUDGET_MS }),
  piscina("piscina, no bound"),
  piscina("piscina, maxQueue auto", { options: { maxQueue: "auto" } }),
  piscina("piscina, abort after 50 ms", { abortAfterMs: BUDGET_MS }),
  queued("p-queue before piscina", piscina("piscina")),
];

/** What is left when twice as much arrives as can be done. */
export const overloadSuite: Suite = {
  name: "overload",
  about:
    "jobs of 5 ms with a budget of 50 ms on 2 workers, Poisson arrivals at 800/s, twice what they " +
    "can do; ours with the threshold policy",
  columns: [
    { metric: "goodput of capacity", unit: "%", largerIsBetter: true },
    { metric: "completed", unit: "%", ratio: false, largerIsBetter: true },
    { metric: "p99 of completed", unit: "ms" },
    { metric: "drain after", unit: "ms" },
  ],
  ours: "helixrouter",
  entries: CONTESTANTS,
  limitS: 60,
  async measure({ entry, quick }: Test): Promise<Measured> {
    const { run } = await contestantOf(CONTESTANTS, entry).open({ workers: WORKERS, job: "burn" });
    await keepInFlight(() => run(JOB_MS).catch(isRefused), WORKERS, 500);

    const durationMs = quick ? 1_500 : 4_000;
    const offsetsMs = poissonOffsets({ ratePerS: OVERLOAD * CAPACITY_PER_S, durationMs, seed: 21 });
    const doneMs = new Float64Array(offsetsMs.length).fill(Infinity);
    const pending: Promise<void>[] = [];
    const startMs = await replayArrivals(offsetsMs, (index) => {
      pending.push(run(JOB_MS).then(() => void (doneMs[index] = performance.now()), isRefused));
    });
    await Promise.all(pending);
    const drainMs = performance.now() - startMs - durationMs;

    const latencies = Array.from(doneMs, (atMs, i) => atMs - startMs - offsetsMs[i])
      .filter((latencyMs) => latencyMs < Infinity);
    const inBudget = latencies.filter((latencyMs) => latencyMs <= BUDGET_MS);
    const possible = CAPACITY_PER_S * durationMs / 1e3;
    return {
      [entry]: {
        "goodput of capacity": inBudget.length / possible * 100,
        completed: latencies.length / offsetsMs.length * 100,
        "p99 of completed": quantile(latencies, 0.99),
        "drain after": Math.max(0, drainMs),
      },
    };
  },
};

/** A refusal is what is measured here: its time stays infinite. */
function isRefused(): void {}
