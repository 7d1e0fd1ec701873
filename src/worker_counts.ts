/** What the pool tells about its workers. */
export interface WorkerCounts {
  /** Being started. */
  readonly starting: number;
  /** Ready and without a call. */
  readonly idle: number;
  /** Running a call. */
  readonly busy: number;
  /** Started since the beginning. */
  readonly started: number;
  /** Died without being told to. */
  readonly crashed: number;
  /** Replaced after `maxJobsPerWorker` or above `maxWorkerHeapBytes`. */
  readonly recycled: number;
  /** Threads that could not be stopped and are given up. */
  readonly lost: number;
}
