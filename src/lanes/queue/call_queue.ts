import type { Call } from "../../job/call.ts";
import type { Outlook } from "../../policy/load.ts";
import type { JobFacts, KindFacts } from "../../policy/policy.ts";

/** Levels of priority. */
export const LEVELS = 10;

/** A queue of waiting calls. The caller bounds it. */
export interface CallQueue {
  /** Number of calls in it. */
  readonly length: number;
  /** Adds a call. */
  push(call: Call, nowMs: number): void;
  /** Adds a call that was in it before: it keeps its arrival time. */
  putBack(call: Call): void;
  /** The call that starts next. */
  readonly first: Call | null;
  /** The calls of a kind that cost no more, in the order in which they are due. */
  waitingOf?(kind: KindFacts, mostCost: number): Call[];
  /** The call that starts last. */
  readonly last: Call | null;
  /** Expected time of the calls that start before a job, in ms; `NaN` if unknown for any. */
  aheadMs(job: JobFacts, nowMs: number): number;
  /** How a job would fare that is not in it; `null` if it does not plan. */
  outlook?(job: JobFacts): Outlook;
  /**
   * The call of its kind that starts next but for others, which may go with one that has left the queue and would
   * run until `untilMs`, on the router's clock; `null` if there is none, or if another is more urgent, or would be
   * late.
   */
  mateOf(call: Call, untilMs: number): Call | null;
  /** A call starts to run, or is handed to a worker; it may never have been in it. */
  started?(call: Call): void;
  /** A call has run for so long, in ms. */
  ran?(call: Call, ms: number): void;
  /**
   * Removes a call.
   *
   * @returns Whether it was there.
   */
  remove(call: Call): boolean;
  /** The calls, in no particular order. */
  all(): Call[];
}

/** A queue in the order of a number, the least first. */
export interface KeyedQueue extends CallQueue {
  /** The number of a call that is in it, or has been. */
  keyOf(call: Call): number;
}

/** The level of a job. A policy may have written to its facts. */
export function levelOf({ priority }: JobFacts): number {
  return priority >= 0 && priority < LEVELS ? Math.trunc(priority) : 0;
}
