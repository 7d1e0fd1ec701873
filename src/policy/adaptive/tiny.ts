import type { Prediction } from "../../model/prediction.ts";
import { type Load, MOST_TINY_MS } from "../load.ts";
import { hasPoolRoom } from "../pool_room.ts";
import type { JobFacts, KindFacts } from "../policy.ts";

/** Agreeing runs that are wanted before a job runs on this thread. */
export const TRUSTED = 8;
/** So do those that keep it busy for no more than this share of the time they take. */
const MOSTLY_WAITS = 0.25;
/** What sending a job to a worker and reading its result cost this thread at most, and some more, in ms. */
const SENDING_MS = 0.1;
/** Use of this thread, or of its slice in a turn, from which it is busy. */
const BUSY = 0.5;
/** Calls for each worker up to which the pool has time for short ones. */
const MOST_CALLS = 2;
/** How late this thread must be, in ms, for short jobs to be better off in the queue for workers. */
const LATE_MS = 1;
/**
 * How late this thread may be, as a share of the budget of a job that is to run on it. An asynchronous one has
 * to wait for it several times.
 */
const MOST_LATE = 0.5;
const MOST_LATE_ASYNC = 0.15;

/**
 * Whether a job keeps its thread busy so briefly that it may run on the router's: at the median and on
 * average; and if it could run elsewhere, none but one or two of the last runs, or 6 % of asynchronous ones, took
 * longer than the slice that the thread has for jobs.
 */
export function isTiny(kind: KindFacts, prediction: Prediction, load: Load): boolean {
  const { samples, busyMedianMs, busyTypicalMs, busyMs } = prediction;
  if (samples < TRUSTED) return false;
  if (kind.hasModule && Math.max(busyMs, busyTypicalMs) > load.inlineSliceMs) return false;
  const mostMs = mostTinyMs(prediction);
  return busyMedianMs <= mostMs && busyTypicalMs <= mostMs;
}

/**
 * Whether an asynchronous job that could run on a worker is better off here, though some recent runs of its kind
 * took longer than the slice, as they do on a machine that is busy with other things: if it mostly waits, and no
 * worker is free, it would hold up all behind it for as long as it waits. One without a budget can wait for a worker
 * while this thread is busy.
 *
 * @param waiting Number of jobs that wait for the pool before it.
 */
export function isBetterHere(
  job: JobFacts,
  prediction: Prediction,
  load: Load,
  waiting: number = load.poolWaiting,
): boolean {
  const { samples, busyMedianMs, busyTypicalMs } = prediction;
  if (samples < TRUSTED) return false;
  const mostMs = Math.min(load.inlineSliceMs, mostTinyMs(prediction));
  if (!(busyMedianMs <= mostMs && busyTypicalMs <= mostMs)) return false;
  if (load.poolRunning + waiting < load.cpuParallelism) return false;
  if (job.latencyBudgetMs === Infinity && load.loopUtilization > BUSY) return false;
  return !isLoopLate(job, prediction, load);
}

/** What such a job may keep its thread busy for, in ms. */
export function mostTinyMs({ typicalMs, isAsync }: Prediction): number {
  return isAsync ? Math.max(MOST_TINY_MS, MOSTLY_WAITS * typicalMs) : MOST_TINY_MS;
}

/**
 * Whether a short job is better off on a worker: if this thread is busy, handing the job over costs it clearly
 * less than running it, and workers have time. If this thread is late, the job is better off in their queue as
 * well, as long as it is in time there, and has to wait no longer than for this thread, if it has a budget: that
 * makes nothing else late. With it, delays of 1.4 to 1.7 instead of 2.0 to 2.6 times the oracle's where a kind
 * gets 10 times slower at four times the capacity (laboratory, `slower`).
 */
export function isWorthSending(job: JobFacts, prediction: Prediction, load: Load): boolean {
  if (prediction.isAsync || isOverAtOnce(prediction)) return false;
  const isBusy = load.loopUtilization > BUSY || load.inlineTurnMs > BUSY * load.inlineSliceMs;
  if (!isBusy || !hasPoolRoom(load)) return false;
  if (load.poolRunning + load.poolWaiting < MOST_CALLS * load.cpuParallelism) return true;
  const { loopLagMeanMs } = load;
  if (!(loopLagMeanMs > LATE_MS)) return false;
  const { place, waitMs } = load.outlook("cpu_pool", job);
  return place === "in_time" && (job.latencyBudgetMs === Infinity || waitMs <= loopLagMeanMs);
}

/**
 * Whether this thread has more to do than it can: then it is better to be in time for some of the jobs than
 * late for all. Not so for what runs at once, and costs hardly more than to say that it does not.
 */
export function isLoopLate(
  { latencyBudgetMs }: JobFacts,
  prediction: Prediction,
  load: Load,
): boolean {
  if (isOverAtOnce(prediction)) return false;
  const share = prediction.isAsync ? MOST_LATE_ASYNC : MOST_LATE;
  return load.loopLagMeanMs > share * latencyBudgetMs;
}

/**
 * Whether a job takes this thread less than to send it to a worker. The median tells: on a machine that is busy with
 * other things, too, some runs of 0.02 ms are held up for several, and so is the average.
 */
export function isOverAtOnce({ isAsync, busyMedianMs }: Prediction): boolean {
  return !isAsync && busyMedianMs < SENDING_MS;
}
