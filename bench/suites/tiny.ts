import { closeSoon, type Opened } from "../contestant.ts";
import { contestantOf, POOLS_AND_TRANSPORTS } from "../contestants/all.ts";
import { burstMs, cpuTimeUs, keepInFlight, roundTripsUs, steadyFlow } from "../measure.ts";
import { median, quantile } from "../stats.ts";
import type { Figures, Measured, Suite, Test } from "../suite.ts";

const WORKERS = 2;
const IN_FLIGHT = 256;
const BURST = 10_000;

/** Times in ms. Engines go on compiling for a second and more, the larger the code the longer. */
const FULL = { warmUpMs: 2_000, windowMs: 300, windows: 7, tripsMs: 1_000, bursts: 5 };
const QUICK = { warmUpMs: 1_500, windowMs: 150, windows: 3, tripsMs: 300, bursts: 3 };

/** Two payloads: the smallest there is, and what a small record is like. */
const INPUTS: Readonly<Record<string, unknown>> = {
  number: 41,
  object: { id: 7, text: "0123456789abcdef".repeat(4) },
};

/** What it costs to have nearly nothing done by a worker. */
export const tinySuite: Suite = {
  name: "tiny",
  about: "a job that does nothing, there and back: `n + 1`, and an echo of `{ id, text }` (64 " +
    "characters); 2 workers; ours with a policy that sends all jobs to the pool",
  cases: Object.keys(INPUTS),
  columns: [
    { metric: "round trip p50", unit: "µs" },
    { metric: "best p50", unit: "µs", from: "round trip p50", pick: "best" },
    { metric: "round trip p99", unit: "µs" },
    { metric: "CPU per trip", unit: "µs" },
    { metric: "256 in flight", unit: "jobs/s", largerIsBetter: true },
    { metric: "10k at once", unit: "jobs/s", largerIsBetter: true },
    { metric: "CPU per job", unit: "µs" },
    { metric: "smaller share", unit: "%", ratio: false, largerIsBetter: true },
  ],
  ours: "helixrouter",
  entries: POOLS_AND_TRANSPORTS,
  limitS: 45,
  async measure({ entry, case: payload, quick }: Test): Promise<Measured> {
    const contestant = contestantOf(POOLS_AND_TRANSPORTS, entry);
    const plan = quick ? QUICK : FULL;
    const input = INPUTS[payload];
    const job = payload === "number" ? "add_one" : "echo";
    const opened = await contestant.open({ workers: WORKERS, job, waiting: BURST });
    const call = (): Promise<unknown> => opened.run(input);
    checkOutput(opened, await call(), input);

    const flows = await steadyFlow(call, IN_FLIGHT, plan);
    await roundTripsUs(call, plan.tripsMs / 4); // another way through the code: warm it, too
    const beforeUs = cpuTimeUs();
    const trips = await roundTripsUs(call, plan.tripsMs);
    const tripsCpuUs = cpuTimeUs() - beforeUs;
    const bursts: number[] = [];
    for (let i = 0; i < plan.bursts; i++) bursts.push(await burstMs(call, BURST));
    const share = await smallerShare(opened);
    await closeSoon(opened);
    return {
      [entry]: {
        "round trip p50": median(trips),
        "round trip p99": quantile(trips, 0.99),
        "CPU per trip": tripsCpuUs / trips.length,
        "256 in flight": median(flows.map(({ calls, wallMs }) => calls / wallMs * 1e3)),
        "10k at once": BURST / median(bursts) * 1e3,
        "CPU per job": median(flows.map(({ calls, cpuUs }) => cpuUs / calls)),
        ...share,
      },
    };
  },
};

/** A contestant that gives a wrong answer quickly is none. */
function checkOutput({ outputOf }: Opened, result: unknown, input: unknown): void {
  const output = JSON.stringify(outputOf === undefined ? result : outputOf(result));
  const wanted = JSON.stringify(typeof input === "number" ? input + 1 : input);
  if (output !== wanted) throw new Error(`gave ${output} instead of ${wanted}`);
}

/**
 * What the less busy worker did of a flow like the measured one, in %. Beside the measured flow, as
 * a job that tells its worker is another job. The less of two on two workers is 50 % at most.
 */
async function smallerShare({ whichWorker }: Opened): Promise<Figures> {
  if (whichWorker === undefined) return {};
  const counts = new Map<unknown, number>();
  let jobs = 0;
  await keepInFlight(
    async () => {
      const worker = await whichWorker();
      counts.set(worker, (counts.get(worker) ?? 0) + 1);
      jobs++;
    },
    IN_FLIGHT,
    300,
  );
  if (counts.size > WORKERS) throw new Error(`Cannot compare: ${counts.size} workers did the jobs`);
  const least = counts.size === WORKERS ? Math.min(...counts.values()) : 0;
  return { "smaller share": least / jobs * 100 };
}
