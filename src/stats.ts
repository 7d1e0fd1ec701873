import type { WorkerCounts } from "./lanes/cpu_pool/worker_counts.ts";
import type { Load } from "./load.ts";
import type { Distribution } from "./metrics/histogram.ts";
import type { MetricsSnapshot } from "./metrics/metrics.ts";

/** What the router says of itself: counters and distributions since the start, and the load now. */
export interface RouterStats extends MetricsSnapshot {
  /** Name of the policy. */
  readonly policy: string;
  /** Time since the router was made, in ms. */
  readonly uptimeMs: number;
  /** How busy it is now. */
  readonly load: Load;
  /** Its workers. */
  readonly workers: WorkerCounts;
  /** How late the event loop was while jobs were in flight, in ms. */
  readonly eventLoopLagMs: Distribution;
}
