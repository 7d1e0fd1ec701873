import type { Call } from "../../job/call.ts";

/**
 * A worker is handed calls ahead of time while those it holds are expected to run for less than
 * this, in ms in total: many short calls, or one long one.
 */
export const AHEAD_MS = 2;

/**
 * A call expected to run for less than this, in ms, may wait behind one other call that is not
 * short either: the worker then continues at once, even while the router's thread waits for a core.
 */
export const FOLLOW_MS = 20;

/** Whether a call may wait in a worker, which then starts it without asking the router. */
export function mayWaitInWorker(call: Call): boolean {
  if (!call.isRevocable) return false;
  const { expectedMs } = call.ticket;
  if (expectedMs < AHEAD_MS) return true;
  // With a budget it must be checked again right before it starts: it may be too late by then.
  return expectedMs < FOLLOW_MS && call.facts.latencyBudgetMs === Infinity;
}
