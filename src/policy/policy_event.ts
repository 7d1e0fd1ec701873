import type { Job } from "../job/job.ts";
import type { PolicyEvent } from "./policy.ts";

/** What a policy is told of a job that waits, starts or is over. */
export function toPolicyEvent(type: PolicyEvent["type"], job: Job, nowMs: number): PolicyEvent {
  const { strategy } = job;
  if (type !== "settle") return { type, job, strategy, nowMs };
  const { status, batchSize } = job;
  if (!job.ran) return { type, job, strategy, nowMs, status, batchSize };
  return { type, job, strategy, nowMs, status, batchSize, waitMs: job.waitMs, runMs: job.runMs };
}
