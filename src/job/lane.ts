import type { Decision } from "../policy/policy.ts";
import type { Job } from "./job.ts";

/** What carries out a strategy. Everything is synchronous; what becomes of a job is told to the job. */
export interface Lane {
  /**
   * Tells whether the lane takes the job.
   *
   * @returns `null` if it does, else the decision to follow instead.
   */
  refuse(job: Job): Decision | null;
  /** Takes the job; may settle it before returning. */
  accept(job: Job): void;
  /**
   * Takes back a job that has not begun, and frees its place.
   *
   * @returns Whether it had not begun.
   */
  revoke(job: Job): boolean;
  /** Tells a worker to stop a job that has begun; the worker is terminated if it has not after `graceMs`. */
  abort(job: Job, graceMs: number): void;
  /** Settles the job if its result has arrived and has not been read. */
  poll(job: Job): void;
  /** The jobs it holds, in no order; some may be settled. */
  held(): readonly Job[];
}
