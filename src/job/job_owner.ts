import type { Job } from "./job.ts";

/** What happens to a job beside waiting, starting and settling. */
export type JobReport =
  | { readonly type: "progress"; readonly job: Job; readonly value: unknown }
  | { readonly type: "settled_twice"; readonly job: Job };

/** Whom a job tells what becomes of it: its only way up. */
export interface JobOwner {
  /** The job waits in a queue. */
  waits(job: Job): void;
  /** The job runs. */
  starts(job: Job): void;
  /** The job is over. */
  settled(job: Job, nowMs: number): void;
  /** Something else has happened. */
  report(event: JobReport): void;
}
