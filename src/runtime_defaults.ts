import type { Clock } from "./clock.ts";

/** Runs a function in an asynchronous context that was kept. */
export type Within = (fn: () => void) => void;

/** Keeps the caller's asynchronous context; `undefined` where the runtime has none. */
export type KeepContext = () => Within | undefined;

/** What the runtime says where the caller says nothing. */
export interface RuntimeDefaults {
  /** Cores this process may use. */
  readonly cpuParallelism: number;
  /** Time after which an idle worker ends, in ms. */
  readonly idleTimeoutMs: number;
  /** The runtime's clock. */
  readonly clock: Clock;
  /** The runtime's asynchronous contexts. */
  readonly keepContext: KeepContext;
}
