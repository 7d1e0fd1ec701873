import type { Outcome } from "../outcome.ts";
import type { Job } from "./job.ts";

/** The outcome of a job that is over; `null` if it has none, and what it ended with rejects. */
export function outcomeOf(job: Job): Outcome<unknown> | null {
  const { status, value, strategy, runMs, totalMs, facts, retryAfterMs } = job;
  if (status === "dropped") return { status, reason: value as string, retryAfterMs };
  if (status !== "completed") return null;
  return {
    status,
    output: value,
    strategy,
    timing: { waitMs: Math.max(0, totalMs - runMs), runMs, totalMs },
    withinBudget: totalMs <= facts.latencyBudgetMs,
  };
}
