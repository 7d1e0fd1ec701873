import type { Call } from "../../job/call.ts";

/**
 * A worker is handed calls ahead of time as long as what it holds is expected to run for less than
 * this: many short calls, one long one.
 */
export const AHEAD_MS = 2;

/**
 * One call of up to this time may wait behind another that is not short either: a worker then goes on
 * at once, even if the router's thread has to wait for a core.
 */
export const FOLLOW_MS = 20;

/** Whether a call may wait in a worker, which then starts it without asking the router. */
export function mayWaitInWorker(call: Call): boolean {
  if (!call.isRevocable) return false;
  const { expectedMs } = call.ticket;
  if (expectedMs < AHEAD_MS) return true;
  // With a budget it has to be looked at before it starts, as it may be too late by then.
  return expectedMs < FOLLOW_MS && call.facts.latencyBudgetMs === Infinity;
}
