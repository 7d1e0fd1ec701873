import type { Call } from "./call.ts";

/** A worker that holds a call, as the lanes reach it from the call. */
export interface CallHolder {
  /** Revokes a call that has not begun; returns `false` if it has. */
  revoke(call: Call): boolean;
  /** Aborts a call that has begun; its worker is terminated if it still runs after `graceMs`. */
  abort(call: Call, graceMs: number): void;
  /** Reads the results that have arrived. */
  poll(): void;
}

/** Those of one key that wait in a queue in which keys take turns, as the call that starts tells it. */
export interface KeyFlow {
  /** So much time is charged to the key, in ms: as the call starts, or as it turns out to need more or less. */
  charge(ms: number, isStart: boolean): void;
}

/** What few calls need. As fields of each ticket it would be 88 bytes for a job that waits (V8). */
const SELDOM = {
  /** Its number in the policy's own order, once it has been queued by that. */
  order: undefined as number | undefined,
  /** What of its key waits with it, in a queue in which keys take turns. */
  flow: null as KeyFlow | null,
  /** Its place there, and what it was expected to take as it was added, in ms. */
  flowPlace: -1,
  flowMs: 0,
  /** What its key was charged for it, in ms. */
  chargedMs: 0,
  /** Its place among the runs of its kind, if that is limited. */
  place: null as object | null,
  /** The queue that holds it while its kind is at its learned limit. */
  heldIn: null as object | null,
  /** Whether it was known to block this thread for longer than a slice as it was queued to run here. */
  isBlocker: false,
  /** Whether its queue has given it up: it is dropped. */
  isShed: false,
  /** Number of workers that died while it waited in them. */
  deaths: 0,
  /** Whether it is the one that shows if its quarantined kind still kills workers. */
  isTrial: false,
  /** When its worker is terminated if it still runs after an abort, on the router's clock. */
  graceEndsAtMs: null as number | null,
};

type Seldom = typeof SELDOM;

/** What is seldom set is read from the prototype until it is. */
export interface Ticket extends Seldom {}

/** What lanes record about a call while it waits, and while a worker holds it. */
export class Ticket {
  /** Neighbours in its list: that of its queue while `isQueued`, else that of its holder. */
  previous: Call | null = null;
  next: Call | null = null;
  isQueued = false;
  /** Whether others of its kind that wait may go with it as one batch. */
  gathers = false;
  /** Its priority while it is in a queue that has a list for each: no policy can change it then. */
  level = 0;
  /** When it was enqueued, on the router's clock; `null` if it never was. */
  queuedAtMs: number | null = null;
  /** Expected run time, or time it blocks where it waits for this thread, in ms; `NaN` if unknown. */
  expectedMs: number = NaN;
  /** Sequence number by which its worker knows it. */
  seq = 0;
  /** The worker that holds it. */
  holder: CallHolder | null = null;
  /** Whether it counts as waiting for the pool. */
  isCounted = false;
}

Object.assign(Ticket.prototype, SELDOM);

/** The ticket shared by calls that have not waited: most jobs never do, which keeps them small. */
export const NO_TICKET: Ticket = Object.freeze(new Ticket());
