import type { WorkerCounts } from "../worker_counts.ts";
import type { LoadFigures } from "../policy/load.ts";
import type { Distribution } from "./histogram.ts";
import type { MetricsSnapshot } from "./metrics.ts";

/**
 * Why a router cannot run jobs on workers. `closed`: it refuses all jobs; `workers_lost`: too many
 * threads are lost for good; `workers_fail`: the last ones it started did not come up.
 */
export type Obstacle = "closed" | "workers_lost" | "workers_fail";

/** What the router says of itself: counters and distributions since the start, and the load now. */
export interface RouterStats extends MetricsSnapshot {
  /** Name of the policy. */
  readonly policy: string;
  /** Time since the router was made, in ms. */
  readonly uptimeMs: number;
  /** How busy it is now. */
  readonly load: LoadFigures;
  /** Its workers. */
  readonly workers: WorkerCounts;
  /** How late the event loop was while jobs were in flight, in ms. */
  readonly eventLoopLagMs: Distribution;
}
