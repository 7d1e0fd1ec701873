import type { Job } from "../job/job.ts";
import type { PolicyEvent } from "../policy/policy.ts";

/** The event that a policy observes when a job waits, starts or is over. */
export function toPolicyEvent(type: PolicyEvent["type"], job: Job, nowMs: number): PolicyEvent {
  const { facts, strategy } = job;
  if (type !== "settle") return { type, job: facts, strategy, nowMs };
  const { status, batchSize, totalMs } = job;
  const { decision, prediction, startedAtMs } = job.routing!;
  const settled = { type, job: facts, strategy, nowMs, status, batchSize, decision, prediction };
  if (!job.ran && Number.isNaN(startedAtMs)) return settled;
  const runMs = job.ran ? job.runMs : Math.max(0, facts.arrivedAtMs + totalMs - startedAtMs);
  const waitMs = Math.max(0, totalMs - runMs);
  return { ...settled, waitMs, runMs, busyMs: job.busyMs };
}
