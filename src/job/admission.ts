import type { Clock } from "../clock.ts";
import type { DropReason } from "../outcome.ts";
import type { Job } from "./job.ts";

/** Decides whether a job that has waited may start. */
export interface Admission {
  readonly clock: Clock;
  /** Why the job must not start; `null` if it may. */
  admit(job: Job): DropReason | null;
}
