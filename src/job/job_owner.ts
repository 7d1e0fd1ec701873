import type { Job } from "./job.ts";

/** What happens to a job beside waiting, starting and settling. */
export type JobReport =
  | { readonly type: "progress"; readonly job: Job; readonly value: unknown }
  | { readonly type: "settled_twice"; readonly job: Job };

/** Whom a job tells what becomes of it: its only way up. */
export interface JobOwner {
  /** Whether it wants to be told of jobs that wait. */
  readonly hearsOfWaits: boolean;
  /** The job waits in a queue of its lane, if only until this returns. */
  waits(job: Job): void;
  /** The job runs. */
  starts(job: Job): void;
  /** The job is over. */
  settled(job: Job, nowMs: number): void;
  /** Something else has happened. */
  report(event: JobReport): void;
}
