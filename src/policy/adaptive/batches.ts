import type { BatchOutlook } from "../batches.ts";
import type { Load } from "../load.ts";
import type { Decision, JobFacts } from "../policy.ts";

/** Parallel payoff from which jobs go as batches until it is known whether that pays. */
export const SCALES = 0.7;
/** Jobs that must be worth waiting for, at least: this one, and another. */
const LEAST_JOBS = 2;

const gathers = (reason: string): Decision =>
  Object.freeze({ strategy: "batch", reason, gatherMs: 0 });

const PAYS = gathers("batch_pays");
const HINTED = gathers("scales");
const TRIED = gathers("batch_tried");

/**
 * The decision for a job that is to go with others as a batch; `null` if it is to go alone: if a worker is free,
 * so that nothing is to be gained but by waiting, or if batches of its kind do not pay.
 */
export function batchFor(job: JobFacts, load: Load): Decision | null {
  const { kind, scalingPotential } = job;
  if (!kind.batchable) return null;
  const free = freeOf(job, load);
  if (free > 1) return null;
  const batch = load.batchOf(job);
  if (batch.pays) {
    if (free <= 0) return PAYS;
    const gatherMs = windowMs(job, batch, load);
    return gatherMs > 0 ? { strategy: "batch", reason: "batch_pays", gatherMs } : null;
  }
  if (batch.isUnknown && scalingPotential >= SCALES) return free <= 0 ? HINTED : null;
  // What is tried must have company, and be known alone.
  const isAlone = kind.hasModule ? free > 0 : load.spawnWaiting === 0;
  const isDue = batch.isUnknown || batch.mayTry;
  return !isAlone && isDue && batch.aloneMs >= 0 && batch.size > 1 ? TRIED : null;
}

/**
 * Workers that would take the job at once. Without a module there is only this thread, where it waits for its
 * turn in any case.
 */
export function freeOf({ kind }: JobFacts, load: Load): number {
  return kind.hasModule ? load.cpuParallelism - load.poolRunning - load.poolWaiting : 0;
}

/**
 * How long a job that would take the last free worker does better to wait for others, in ms: one that comes
 * meanwhile need not wait until a worker is free again, and adds less to the time of each. That is as long as
 * jobs times what another one adds, and the time until it comes, is less than what it saves that one (as CORK
 * in BentoML's batching); within the slack of this job, and its share of a batch.
 */
function windowMs(job: JobFacts, batch: BatchOutlook, load: Load): number {
  const { betweenMs, itemMs, size, runMs } = batch;
  const busy = load.poolRunning;
  const othersMs = busy > 0 ? load.leftMs("cpu_pool") / busy : Infinity;
  const savesMs = Math.min(runMs - size * itemMs, othersMs);
  const jobs = Math.min(size, Math.floor(savesMs / (betweenMs + itemMs)));
  if (!(jobs >= LEAST_JOBS)) return 0;
  const slackMs = job.arrivedAtMs + job.latencyBudgetMs - load.nowMs - runMs - load.loopLagMs;
  return Math.min((jobs - 1) * betweenMs, slackMs);
}
