import type { Job } from "../job.ts";
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
   * The job was settled from outside (abort, budget, timeout, close): frees its place in a queue,
   * or tells the running one to stop. One that has not stopped after `graceMs` loses its worker.
   */
  withdraw(job: Job, graceMs: number): void;
}
