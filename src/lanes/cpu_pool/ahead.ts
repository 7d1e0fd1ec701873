import type { Call } from "../../job/call.ts";

/**
 * A worker is handed calls ahead of time while those it holds are expected to run for less than
 * this, in ms in total: many short calls, or one long one. With 0, 140,000 instead of 400,000 tiny
 * jobs a second, 256 in flight on 2 workers (Node 20, 2 cores).
 */
export const AHEAD_MS = 2;

/**
 * A call expected to run for less than this, in ms, may wait behind one other call that is not
 * short either: the worker then continues at once, even while the router's thread waits for a core.
 * Without, 270 instead of 325 jobs of 5 ms a second, 4 in flight on 2 workers, while the router's thread
 * is busy for 3 ms in each 6 (Node 20, 2 cores).
 */
export const FOLLOW_MS = 20;

/** Whether a call may wait in a worker, which then starts it without asking the router. */
export function mayWaitInWorker(call: Call): boolean {
  if (call.isRevocable === false || call.ticket.gathers === true) return false;
  const { expectedMs } = call.ticket;
  if (expectedMs < AHEAD_MS) return true;
  // With a budget it must be checked again right before it starts: it may be too late by then.
  return expectedMs < FOLLOW_MS && call.facts.latencyBudgetMs === Infinity;
}
