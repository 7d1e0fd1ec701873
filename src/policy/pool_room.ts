import type { LoadFigures } from "./load.ts";

/**
 * Whether no more jobs may wait for the pool once `leaving` of them have left. While calls could run at once, or as
 * soon as workers have started, as many more may wait: otherwise a cold pool would count as full.
 */
export function isPoolFull(load: LoadFigures, leaving = 0): boolean {
  const beyond = load.poolWaiting + load.batchWaiting - leaving - load.poolCapacity;
  return beyond >= 0 && beyond >= load.cpuParallelism - load.poolRunning;
}

/** Whether the pool takes jobs, and one more may wait for it. */
export function hasPoolRoom(load: LoadFigures): boolean {
  return load.poolOpen && !isPoolFull(load);
}

/** Time until a job that is queued for the pool now would start, in ms; `NaN` if unknown. */
export function poolWaitMsOf(load: LoadFigures): number {
  return load.poolWorkMs / Math.max(1, load.cpuParallelism);
}
