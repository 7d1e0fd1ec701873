import { TIMER_MS } from "./check.ts";

/** A pending timer. */
export interface Timer {
  /** Cancels it; has no effect once it has fired. */
  cancel(): void;
  /** Lets the process exit while it is pending, where the runtime can. */
  unref?(): void;
}

/**
 * The router's only source of time. Callbacks are passed as `fn, arg` to save a closure.
 */
export interface Clock {
  /** The time in ms since an arbitrary fixed moment; never goes back. */
  now(): number;
  /** Calls `fn(arg)` after `delayMs`. */
  setTimer<A>(delayMs: number, fn: (arg: A) => void, arg: A): Timer;
  /** Calls `fn(arg)` in a later turn of the event loop. */
  post<A>(fn: (arg: A) => void, arg: A): void;
  /** Time this thread has been busy since an arbitrary fixed moment, in ms, where that is measured. */
  busyMs?(): number;
  /** Whether timers may have been late since `sinceMs` though this thread was free: those of hidden pages are. */
  isThrottled?(sinceMs: number): boolean;
}

/** The longest delay that timers support on all runtimes, in ms (about 24.8 days). */
export const MAX_TIMER_MS: number = TIMER_MS.max;

/** Calls `fn(arg)` in a later turn of the event loop, after what is already due. */
export type NextTurn = <A>(fn: (arg: A) => void, arg: A) => void;
