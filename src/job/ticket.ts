import type { Call } from "./call.ts";

/** A worker that holds a call, as the lanes reach it from the call. */
export interface CallHolder {
  /** Takes back a call that has not begun; tells whether it had not. */
  revoke(call: Call): boolean;
  /** Tells a call that has begun to stop; its worker is terminated if it has not after `graceMs`. */
  abort(call: Call, graceMs: number): void;
  /** Reads the results that have arrived. */
  poll(): void;
}

/** What lanes note of a call while it waits, and while a worker holds it. */
export class Ticket {
  /** Neighbours in the list that the call is in: of its queue while `isQueued`, else of its holder. */
  previous: Call | null = null;
  next: Call | null = null;
  isQueued = false;
  /** Place in a queue that is a heap. */
  heapIndex = -1;
  /** When it joined its queue, on the router's clock; `null` if it never did. */
  queuedAtMs: number | null = null;
  /** Time it is expected to run, in ms; `NaN` when unknown. */
  expectedMs: number = NaN;
  /** Number under which a worker knows it. */
  seq = 0;
  /** The worker that holds it. */
  holder: CallHolder | null = null;
  /** Whether it counts as waiting for the pool. */
  isCounted = false;
  /** Workers that died while it waited in them. */
  deaths = 0;
  /** Whether it shows if its kind, which has killed workers, still does. */
  isProbe = false;
  /** When its worker is terminated if it still runs though it was aborted, on the router's clock. */
  graceEndsAtMs: number | null = null;
}

/** The ticket of calls that have not waited: most jobs never do, and are the smaller for it. */
export const NO_TICKET: Ticket = Object.freeze(new Ticket());
