import type { Strategy } from "../outcome.ts";
import type { Load } from "./load.ts";
import type { JobFacts } from "./policy.ts";

/** What a strategy is predicted to cost a job, and others. What is unknown is absent. */
export interface StrategyCost {
  /** The strategy. */
  readonly strategy: Strategy;
  /** Expected wait time, in ms. */
  readonly waitMs?: number;
  /** Expected run time, in ms. */
  readonly runMs?: number;
  /**
   * Time that it keeps the router's thread from everything else, in ms: while it runs there, or is sent to a
   * worker.
   */
  readonly blocksMs?: number;
}

/** What each strategy that can run a job is predicted to cost; in the pool, it would wait for `poolWaitMs`. */
export function costsOf(job: JobFacts, load: Load, poolWaitMs: number): StrategyCost[] {
  const { kind } = job;
  const { typicalMs, busyTypicalMs, postMs } = load.model.predict(kind, job.computeCost);
  const here = known(typicalMs, "runMs", known(busyTypicalMs, "blocksMs"));
  const there = known(typicalMs, "runMs", known(postMs, "blocksMs"));
  const hasWorkers = kind.hasModule && load.poolOpen;
  const costs: StrategyCost[] = [
    { strategy: "inline", waitMs: 0, ...here },
    { strategy: "spawn", ...known(load.aheadMs("spawn", job), "waitMs"), ...here },
  ];
  if (hasWorkers) {
    costs.push({ strategy: "cpu_pool", ...known(poolWaitMs, "waitMs"), ...there });
  }
  if (kind.batchable) costs.push({ strategy: "batch", ...hasWorkers ? there : here });
  return costs;
}

function known(ms: number, name: keyof StrategyCost, others: object = {}): object {
  return ms >= 0 ? { [name]: ms, ...others } : others;
}
