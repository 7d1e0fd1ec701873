import type { SettledJob } from "../../mod.ts";
import type { Arrival } from "./arrival.ts";
import {
  type JobRecord,
  toNanoseconds,
  toRecordedDecision,
  toRecordedOutcome,
  toText,
} from "./recording.ts";

/** The record of an arrival that became a job, now that it is over. */
export function toSettledRecord(arrival: Arrival, job: SettledJob, lateMs: number): JobRecord {
  return {
    ...requestOf(arrival),
    id: job.id,
    decision: toRecordedDecision(job),
    outcome: {
      ...toRecordedOutcome(job),
      lateMs: toNanoseconds(lateMs),
      totalMs: toNanoseconds(lateMs + job.totalMs),
    },
  };
}

/** The record of an arrival that never became a job. */
export function toUntakenRecord(
  arrival: Arrival,
  status: "dropped" | "refused",
  reason: unknown,
  lateMs: number,
): JobRecord {
  return {
    ...requestOf(arrival),
    outcome: {
      status,
      strategy: "backpressure_drop",
      reason: toText(reason),
      lateMs: toNanoseconds(lateMs),
      waitMs: 0,
      totalMs: toNanoseconds(lateMs),
      withinBudget: false,
    },
  };
}

function requestOf({ atMs, kind, input, hints }: Arrival): Omit<JobRecord, "outcome"> {
  const kernelInput = typeof input === "number" ? undefined : input;
  return {
    at_ms: atMs,
    kind,
    cost: hints.computeCost ?? Number(kernelInput?.cost),
    scaling: hints.scalingPotential,
    budget_ms: hints.latencyBudgetMs,
    priority: hints.priority,
    key: hints.key,
    input: kernelInput,
  };
}
