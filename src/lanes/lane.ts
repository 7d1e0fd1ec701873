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
   * Frees the place of a job that waits.
   *
   * @returns Whether it had not begun.
   */
  takeBack(job: Job): boolean;
  /**
   * Tells a running job to stop, as nobody waits for it any more (abort, timeout, close). One that
   * has not stopped after `graceMs` loses its worker.
   */
  stop(job: Job, graceMs: number): void;
  /** The jobs it has, in no order; some may be settled. */
  held(): readonly Job[];
}
