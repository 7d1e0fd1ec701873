import type { DecisionRecord, SettledJob, Status, Strategy } from "../../mod.ts";
import type { Arrival } from "./arrival.ts";
import type { DemoInput } from "./demo_input.ts";
import { toMicroseconds } from "./tally.ts";

/** How a recorded job ended. */
export interface RecordedOutcome {
  /** How it ended; `refused` if the router refused the submit. */
  readonly status: Status | "refused";
  /** The lane it was on, or `backpressure_drop`. */
  readonly strategy: Strategy;
  /** Why it was dropped, failed, cancelled or refused. */
  readonly reason?: string;
  /** How late it was submitted, in ms after it was due. */
  readonly lateMs: number;
  /** Time after that not spent running, in ms. */
  readonly waitMs: number;
  /** Run time, in ms. */
  readonly runMs: number;
  /** Time from when it was due to its end, in ms. */
  readonly totalMs: number;
  /** Whether it completed within its budget. */
  readonly withinBudget: boolean;
}

/**
 * One job of a recording: the request, the decision with its figures, and the result. The first
 * fields are those of a plain trace, so that a recording can be replayed.
 */
export interface JobRecord {
  /** When it was due, in ms from the start, at speed 1. */
  readonly at_ms: number;
  /** Its kind. */
  readonly kind: string;
  /** Its cost. */
  readonly cost: number;
  /** Parallel payoff, 0 to 1; absent if the kind's own was used. */
  readonly scaling: number | undefined;
  /** Latency budget from when it was due, in ms; absent if there was none. */
  readonly budget_ms: number | undefined;
  /** Priority, 0 to 9; absent if the kind's own was used. */
  readonly priority: number | undefined;
  /** Input of a kernel; absent for `llm_request`. */
  readonly input: DemoInput | undefined;
  /** The decision; absent if there was none: it was refused, or its budget was over before. */
  readonly decision: DecisionRecord | undefined;
  /** How it ended. */
  readonly outcome: RecordedOutcome;
}

/** Creates the record of a job that is over. */
export function toSettledRecord(
  arrival: Arrival,
  decision: DecisionRecord,
  job: SettledJob,
  lateMs: number,
): JobRecord {
  const { status, strategy, waitMs, runMs, totalMs, value } = job;
  const reason = status === "completed" ? {} : { reason: toText(value) };
  const withinBudget = status === "completed" && job.withinBudget;
  return toRecord(arrival, decision, {
    status,
    strategy,
    ...reason,
    lateMs: toMicroseconds(lateMs),
    waitMs: toMicroseconds(waitMs),
    runMs: toMicroseconds(runMs),
    totalMs: toMicroseconds(lateMs + totalMs),
    withinBudget,
  });
}

/** Creates the record of a job that never got a decision. */
export function toUntakenRecord(
  arrival: Arrival,
  status: "dropped" | "refused",
  reason: unknown,
  lateMs: number,
): JobRecord {
  return toRecord(arrival, undefined, {
    status,
    strategy: "backpressure_drop",
    reason: toText(reason),
    lateMs: toMicroseconds(lateMs),
    waitMs: 0,
    runMs: 0,
    totalMs: toMicroseconds(lateMs),
    withinBudget: false,
  });
}

/**
 * Formats a record as one line of JSON that `readTrace()` reads; bigints become decimal strings.
 *
 * @param record The record.
 * @returns The line, without a line break.
 */
export function toRecordLine(record: JobRecord): string {
  return JSON.stringify(record, (_, value) => typeof value === "bigint" ? String(value) : value);
}

function toRecord(
  arrival: Arrival,
  decision: DecisionRecord | undefined,
  outcome: RecordedOutcome,
): JobRecord {
  const { atMs, kind, input, hints } = arrival;
  const kernelInput = typeof input === "number" ? undefined : input;
  return {
    at_ms: atMs,
    kind,
    cost: hints.computeCost ?? Number(kernelInput?.cost),
    scaling: hints.scalingPotential,
    budget_ms: hints.latencyBudgetMs,
    priority: hints.priority,
    input: kernelInput,
    decision,
    outcome,
  };
}

function toText(reason: unknown): string {
  return reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
}
