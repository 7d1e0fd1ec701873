import type { Clock } from "../clock.ts";
import type { DropReason } from "../outcome.ts";
import type { Job } from "./job.ts";

/** Watches over jobs that wait: over their deadlines, and whether they may start. */
export interface Admission {
  readonly clock: Clock;
  /** The job waits: it is dropped when its budget runs out. */
  watch(job: Job): void;
  /** Why the job must not start; `null` if it may. */
  admit(job: Job): DropReason | null;
}
