import type { Clock } from "../clock.ts";
import type { DropReason } from "../outcome.ts";
import type { JobFacts } from "../policy/policy.ts";
import type { Job } from "./job.ts";

/** Watches the deadlines of waiting jobs, and decides whether they may start. */
export interface Admission {
  readonly clock: Clock;
  /** Watches a waiting job: it is dropped when its budget runs out. */
  watch(job: Job): void;
  /** The number of a job in the policy's own order, the least first. */
  orderOf(job: JobFacts): number;
  /** Another strategy for a job that is about to start; `null` if it stays. */
  reconsider(job: Job): "inline" | "cpu_pool" | null;
  /** Why the job must not start; `null` if it may. */
  admit(job: Job): DropReason | null;
}
