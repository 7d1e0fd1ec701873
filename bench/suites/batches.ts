import type { Policy } from "../../mod.ts";
import { poissonOffsets, replayArrivals } from "../arrivals.ts";
import { keepInFlight } from "../measure.ts";
import { quantile } from "../stats.ts";
import type { Measured, Suite, Test } from "../suite.ts";

const WORKERS = 2;
const WARM_UP_MS = 1_000;
const IN_FLIGHT = 64;

type Kind = "look_up" | "look_up_alone" | "look_up_hinted";

interface Way {
  readonly name: string;
  readonly kind: Kind;
  policy?(): Promise<Policy>;
}

const WAYS: readonly Way[] = [
  { name: "helixrouter", kind: "look_up" },
  { name: "no runBatch", kind: "look_up_alone" },
  {
    name: "gathered for 10 ms",
    kind: "look_up_hinted",
    policy: async () => (await import("../../mod.ts")).thresholdPolicy() as Policy,
  },
];

/** Jobs a second that come; all others wait until one of theirs is back. */
const RATES: Readonly<Record<string, number>> = { "100 a second": 100, "800 a second": 800 };
const SATURATED = `${IN_FLIGHT} in flight`;

/** What batches save where a run has a fixed part, and what they cost where nobody waits. */
export const batchesSuite: Suite = {
  name: "batches",
  about:
    "jobs of 50 µs after a round trip of 2 ms, which a batch of up to 8 makes once, on 2 workers " +
    "that could do 970 a second alone; ours, the same without a `runBatch`, and gathered by a timer",
  cases: [...Object.keys(RATES), SATURATED],
  columns: [
    { metric: "p50", unit: "ms" },
    { metric: "p99", unit: "ms" },
    { metric: "throughput", unit: "jobs/s", largerIsBetter: true },
    { metric: "jobs in a call", unit: "", ratio: false, largerIsBetter: true },
  ],
  ours: "helixrouter",
  entries: WAYS,
  limitS: 60,
  async measure({ entry, case: name, quick }: Test): Promise<Measured> {
    const { kind, policy } = WAYS.find((way) => way.name === entry)!;
    const { createRouter } = await import("../../mod.ts");
    const { default: jobs } = await import("../jobs/batch_jobs.ts");
    const router = await createRouter({
      jobs,
      policy: await policy?.(),
      cpuParallelism: WORKERS,
      minWorkers: WORKERS,
    });
    await keepInFlight(() => router.run(kind, 1), IN_FLIGHT, WARM_UP_MS);
    const times: number[] = [];
    let calls = 0;
    const timed = async (dueMs = performance.now()): Promise<void> => {
      const outcome = await router.submit(kind, 1);
      if (outcome.status === "completed") times.push(performance.now() - dueMs);
    };
    router.on("outcome", ({ status, batchSize }) => {
      if (status === "completed") calls += 1 / batchSize;
    });
    const durationMs = quick ? 1_500 : 4_000;
    const startMs = performance.now();
    if (name === SATURATED) await keepInFlight(timed, IN_FLIGHT, durationMs);
    else {
      const offsetsMs = poissonOffsets({ ratePerS: RATES[name], durationMs, seed: 5 });
      const pending: Promise<void>[] = [];
      await replayArrivals(offsetsMs, () => void pending.push(timed()));
      await Promise.all(pending);
    }
    const wallMs = performance.now() - startMs;
    await router.close();
    return {
      [entry]: {
        p50: quantile(times, 0.5),
        p99: quantile(times, 0.99),
        throughput: times.length / wallMs * 1e3,
        "jobs in a call": times.length / calls,
      },
    };
  },
};
