import type { BatchPrediction } from "../model/model.ts";

/** Batches that must have been seen before they are judged. */
const ENOUGH = 4;
/** Batches pay if a job takes so much less in them, as a share: what is learned is not exact. */
const SAVES = 0.9;
/** Share of a budget that a batch takes at most: its jobs may have to wait for another one to end. */
const BUDGET_SHARE = 1 / 2;

/** How a job would fare in a batch of its kind. */
export interface BatchOutlook {
  /** Jobs in a full batch, which takes no more than half of this job's budget. */
  readonly size: number;
  /** Time that a job adds to a batch, in ms; `NaN` if unknown. */
  readonly itemMs: number;
  /** Run time of a full batch, in ms. */
  readonly runMs: number;
  /** Each job's share of that, in ms. */
  readonly eachMs: number;
  /** Run time of the job alone, in ms; `NaN` if none of its kind ran alone. */
  readonly aloneMs: number;
  /** Whether batches are known to take less for each job. */
  readonly pays: boolean;
  /** Whether nobody knows if they do: too few have run, or no job has run alone. */
  readonly isUnknown: boolean;
  /** Whether batches that are known not to pay may be tried again: once in 100 ms at most, rarely later. */
  readonly mayTry: boolean;
}

/** How a job with a budget would fare in batches of at most `maxSize` jobs. */
export function batchOutlook(
  { fixedMs, itemMs, aloneMs, runs, tryAtMs }: BatchPrediction,
  maxSize: number,
  budgetMs: number,
  nowMs: number,
): BatchOutlook {
  const share = runs >= ENOUGH ? BUDGET_SHARE : 1; // a few that are tried may take all of it
  const fits = Math.floor((budgetMs * share - fixedMs) / itemMs);
  const size = fits < maxSize ? Math.max(1, fits) : maxSize;
  const runMs = fixedMs + size * itemMs;
  const eachMs = runMs / size;
  const isUnknown = !(runs >= ENOUGH && aloneMs >= 0);
  const pays = !isUnknown && size > 1 && eachMs < SAVES * aloneMs;
  return { size, itemMs, runMs, eachMs, aloneMs, pays, isUnknown, mayTry: nowMs >= tryAtMs };
}
