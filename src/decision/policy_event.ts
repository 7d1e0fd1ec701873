import type { Job } from "../job/job.ts";
import type { PolicyEvent } from "../policy/policy.ts";

/** The event that a policy observes when a job waits, starts or is over. */
export function toPolicyEvent(type: PolicyEvent["type"], job: Job, nowMs: number): PolicyEvent {
  const { facts, strategy } = job;
  if (type !== "settle") return { type, job: facts, strategy, nowMs };
  const { status, batchSize, waitMs, runMs } = job;
  const settled = { type, job: facts, strategy, nowMs, status, batchSize };
  return job.ran ? { ...settled, waitMs, runMs } : settled;
}
