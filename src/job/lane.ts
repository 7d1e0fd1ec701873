import type { Decision } from "../policy/policy.ts";
import type { Job } from "./job.ts";

/** Carries out a strategy. All methods are synchronous; what happens is reported to the job. */
export interface Lane {
  /**
   * Checks whether the lane takes the job once `leaving` of those that wait in it have left.
   *
   * @returns `null` if it does, else the decision to follow instead.
   */
  refuse(job: Job, leaving?: number): Decision | null;
  /** Takes the job; may settle it before returning. */
  accept(job: Job): void;
  /**
   * Revokes a job that has not begun, and frees its place.
   *
   * @returns Whether it was revoked; `false` if it has begun.
   */
  revoke(job: Job): boolean;
  /** Aborts a job that has begun; its worker is terminated if it still runs after `graceMs`. */
  abort(job: Job, graceMs: number): void;
  /** Settles the job if its result has arrived but has not been read. */
  poll(job: Job): void;
  /** The jobs it holds, in no particular order; some may be settled. */
  held(): readonly Job[];
}
