import type { WorkerCounts } from "../worker_counts.ts";
import type { LoadFigures } from "../policy/load.ts";
import type { ShadowStats } from "../policy/shadow.ts";
import type { Distribution } from "./histogram.ts";
import type { MetricsSnapshot } from "./metrics.ts";

/**
 * Why a router cannot run jobs on workers. `closed`: it refuses all jobs; `workers_lost`: too many
 * threads are lost; `workers_fail`: the last workers failed to start.
 */
export type Obstacle = "closed" | "workers_lost" | "workers_fail";

/** Statistics of a router: counters and distributions since its creation, and the current load. */
export interface RouterStats extends MetricsSnapshot {
  /** Name of the policy. */
  readonly policy: string;
  /** What a candidate would have done; `undefined` without one: see `shadowPolicy()` of `helixrouter/shadow`. */
  readonly shadow: ShadowStats | undefined;
  /** Time since the router was created, in ms. */
  readonly uptimeMs: number;
  /** The current load. */
  readonly load: LoadFigures;
  /** Worker counts. */
  readonly workers: WorkerCounts;
  /** How calls travel to workers; `undefined` where there are none, or ports of one's own. */
  readonly transport: "shared_memory" | "messages" | undefined;
  /** Event loop lag while jobs were in flight, in ms. */
  readonly eventLoopLagMs: Distribution;
}
