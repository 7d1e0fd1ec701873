import type { Prediction } from "../../model/prediction.ts";
import type { Load } from "../load.ts";
import type { JobFacts, KindFacts } from "../policy.ts";

/** Agreeing runs that are wanted before a job runs on this thread. */
const TRUSTED = 8;
/** Jobs that keep their thread busy for less than this, in ms, run on the router's. */
const TINY_MS = 1;
/** So do those that keep it busy for no more than this share of the time they take. */
const MOSTLY_WAITS = 0.25;
/** How late this thread may be, as a share of the budget of a job that is to run on it. */
const MOST_LATE = 0.15;

/**
 * Whether a job keeps its thread busy for so short that it runs on the router's: half of such runs do, and
 * they do on average; and if they could run elsewhere, none but one or two takes the slice that the thread has
 * for jobs.
 */
export function isTiny(kind: KindFacts, prediction: Prediction, load: Load): boolean {
  const { samples, typicalMs, busyMedianMs, busyTypicalMs, busyMs, isAsync } = prediction;
  if (samples < TRUSTED || (kind.hasModule && busyMs > load.inlineSliceMs)) return false;
  const mostMs = isAsync ? Math.max(TINY_MS, MOSTLY_WAITS * typicalMs) : TINY_MS;
  return busyMedianMs <= mostMs && busyTypicalMs <= mostMs;
}

/**
 * Whether this thread has more to do than it can: then it is better to be in time for some of the jobs than
 * late for all.
 */
export function isLoopLate({ latencyBudgetMs }: JobFacts, load: Load): boolean {
  return load.loopLagMeanMs > MOST_LATE * latencyBudgetMs;
}
