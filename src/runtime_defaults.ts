import type { Clock } from "./clock.ts";

/** What the runtime says where the caller says nothing. */
export interface RuntimeDefaults {
  /** Cores this process may use. */
  readonly cpuParallelism: number;
  /** Time after which an idle worker ends, in ms. */
  readonly idleTimeoutMs: number;
  /** The runtime's clock. */
  readonly clock: Clock;
}
