import { closeSoon, type Opened } from "../contestant.ts";
import { contestantOf, POOLS } from "../contestants/all.ts";
import { burstMs, keepInFlight, roundTripsUs } from "../measure.ts";
import { median, quantile } from "../stats.ts";
import type { Measured, Suite, Test } from "../suite.ts";

const WORKERS = 2;
const IN_FLIGHT = 256;
const BURST = 10_000;

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
    { metric: "256 in flight", unit: "jobs/s" },
    { metric: "10k at once", unit: "jobs/s" },
    { metric: "CPU per job", unit: "µs" },
  ],
  ours: "helixrouter",
  entries: POOLS,
  limitS: 30,
  async measure({ entry, case: payload, quick }: Test): Promise<Measured> {
    const contestant = contestantOf(POOLS, entry);
    const input = INPUTS[payload];
    const job = payload === "number" ? "add_one" : "echo";
    const opened = await contestant.open({ workers: WORKERS, job, waiting: BURST });
    const call = (): Promise<unknown> => opened.run(input);
    checkOutput(opened, await call(), input);

    const scale = quick ? 0.3 : 1;
    await keepInFlight(call, IN_FLIGHT, 400 * scale);
    const trips = await roundTripsUs(call, 800 * scale);
    const flow = await keepInFlight(call, IN_FLIGHT, 1_000 * scale);
    const bursts: number[] = [];
    for (let i = 0; i < 5 * scale; i++) bursts.push(await burstMs(call, BURST));
    await closeSoon(opened);
    return {
      [entry]: {
        "round trip p50": median(trips),
        "round trip p99": quantile(trips, 0.99),
        "256 in flight": flow.calls / flow.wallMs * 1e3,
        "10k at once": BURST / median(bursts) * 1e3,
        "CPU per job": flow.cpuUs / flow.calls,
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
