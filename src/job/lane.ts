import type { Job } from "./job.ts";
import type { Decision } from "../policy/policy.ts";

/** What carries out a strategy. Everything here is synchronous; news comes through the job. */
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
  /** The jobs it has, in no order; some may be settled. */
  held(): readonly Job[];
}
