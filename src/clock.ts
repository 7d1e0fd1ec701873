/** A running timer. */
export interface Timer {
  /** Stops it; does nothing when it has fired. */
  cancel(): void;
  /** Lets the process end while it waits, where the runtime can. */
  unref?(): void;
}

/**
 * All time the router sees. Callbacks come as `fn, arg` so that waiting costs no closure.
 */
export interface Clock {
  /** Milliseconds since any fixed moment, never going back. */
  now(): number;
  /** Calls `fn(arg)` after `delayMs`. */
  setTimer<A>(delayMs: number, fn: (arg: A) => void, arg: A): Timer;
  /** Calls `fn(arg)` in a later turn of the event loop. */
  post<A>(fn: (arg: A) => void, arg: A): void;
}

/** The longest wait a timer of any runtime can hold, in ms (about 24.8 days). */
export const MAX_TIMER_MS = 2_147_483_647;

/** Calls `fn(arg)` in a later turn of the event loop, after what is due before. */
export type NextTurn = <A>(fn: (arg: A) => void, arg: A) => void;
