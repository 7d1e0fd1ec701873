/** A job of a workload, with all that the laboratory knows of it and the router does not. */
export interface LabJob {
  /** Number, from 0, in order of arrival. */
  readonly id: number;
  /** Index of its kind in the workload. */
  readonly kind: number;
  /** When it is due, in ms from the start. */
  readonly atMs: number;
  /** Time it needs a core before it waits, in ms: all of it if it does not wait. */
  readonly beforeMs: number;
  /** Time it waits, in ms, if no other job of its kind does; 0 if its function is synchronous. */
  readonly waitMs: number;
  /** Time it needs a core after that, in ms. */
  readonly afterMs: number;
  /** What its cost says. */
  readonly cost: number | undefined;
  /** Latency budget, in ms; `Infinity` if it has none. */
  readonly budgetMs: number;
  /** Priority, 0 to 9. */
  readonly priority: number;
  /** Whom it is for, if a trace says so. */
  readonly key?: string;
  /** Whether it makes its worker crash. */
  readonly crashes: boolean;
}

/** Time a job needs a core, in ms. */
export function busyMsOf(job: LabJob): number {
  return job.beforeMs + job.afterMs;
}

/**
 * Within how long a job must be done to count, in ms: its budget, or without one 10 ms and five times its
 * time.
 */
export function limitMsOf(job: LabJob): number {
  return job.budgetMs < Infinity ? job.budgetMs : 10 + 5 * (busyMsOf(job) + job.waitMs);
}
