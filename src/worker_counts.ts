/** Counts of the pool's workers. */
export interface WorkerCounts {
  /** Being started. */
  readonly starting: number;
  /** Ready and without a call. */
  readonly idle: number;
  /** Running a call. */
  readonly busy: number;
  /** Started since the router was created. */
  readonly started: number;
  /** Died without having been terminated. */
  readonly crashed: number;
  /** Replaced after `maxJobsPerWorker`, above `maxWorkerHeapBytes`, or by `recycleWorkers()`. */
  readonly recycled: number;
  /** Threads that go on though their workers were ended: in a native call, on Deno also in a loop. */
  readonly lost: number;
}
