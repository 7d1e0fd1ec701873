import type { Load } from "../load.ts";
import type { Decision, JobFacts } from "../policy.ts";

/** Parallel payoff from which jobs go as batches until it is known whether that pays. */
export const SCALES = 0.7;

const gathers = (reason: string): Decision =>
  Object.freeze({ strategy: "batch", reason, gatherMs: 0 });

/** It waits anyway, and takes less in a batch. */
const PAYS = gathers("batch_pays");
/** Its scaling says that a batch pays. */
const HINTED = gathers("scales");
/** It waits anyway, and nobody knows whether a batch pays. */
const TRIED = gathers("batch_tried");

/**
 * The decision for a job that is to go with others as a batch; `null` if it is to go alone: if a worker is free,
 * so that nothing is to be gained but by waiting, or if batches of its kind do not pay.
 */
export function batchFor(job: JobFacts, load: Load): Decision | null {
  const { kind, scalingPotential } = job;
  if (!kind.batchable || hasFreeWorker(job, load)) return null;
  const batch = load.batchOf(job);
  if (batch.pays) return PAYS;
  if (batch.isUnknown && scalingPotential >= SCALES) return HINTED;
  // What is tried must have company, and be known alone.
  const isAlone = !kind.hasModule && load.spawnWaiting === 0;
  const isDue = batch.isUnknown || batch.mayTry;
  return !isAlone && isDue && batch.aloneMs >= 0 && batch.size > 1 ? TRIED : null;
}

/**
 * Whether a worker would take the job at once. Without a module there is only this thread, where it waits for its
 * turn in any case.
 */
function hasFreeWorker({ kind }: JobFacts, load: Load): boolean {
  return kind.hasModule && load.poolRunning + load.poolWaiting < load.cpuParallelism;
}
