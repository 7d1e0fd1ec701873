import type { Strategy } from "../outcome.ts";
import type { Job } from "./job.ts";

/** Events of a job besides waiting, starting and settling. */
export type JobReport =
  | { readonly type: "progress"; readonly job: Job; readonly value: unknown }
  | { readonly type: "settled_twice"; readonly job: Job }
  /** It waits in another lane than before. */
  | { readonly type: "moved"; readonly job: Job; readonly from: Strategy }
  /** The batch that it is the first of has ended by itself. */
  | {
    readonly type: "ran_batch";
    readonly job: Job;
    readonly ok: boolean;
    readonly runMs: number;
    readonly busyMs: number;
  }
  /** It was settled before its run ended, which kept its thread busy for `busyMs`. */
  | { readonly type: "outlived"; readonly job: Job; readonly busyMs: number };

/** Receives the events of a job: its only reference to the layer above. */
export interface JobOwner {
  /** Whether the policy observes jobs: only then is `waits` called. */
  readonly isObserved: boolean;
  /** Whether anyone is told of jobs, be it the policy, a listener or the telemetry. */
  readonly isHeard: boolean;
  /** The job waits in a queue of its lane, if only until this returns. */
  waits(job: Job): void;
  /** The job starts to run. */
  starts(job: Job): void;
  /** The job is over. */
  settled(job: Job, nowMs: number): void;
  /** Any other event. */
  report(event: JobReport): void;
}
