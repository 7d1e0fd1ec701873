import type { CrashCause } from "./worker_event.ts";

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
  /** Died without having been asked to. */
  readonly crashed: number;
  /** The same by cause. */
  readonly crashes: Readonly<Record<CrashCause, number>>;
  /** Replaced after `maxJobsPerWorker`, above `maxWorkerHeapBytes`, or by `recycleWorkers()`. */
  readonly recycled: number;
  /** Threads that go on though their workers were ended: in a native call, on Deno also in a loop. */
  readonly lost: number;
}
