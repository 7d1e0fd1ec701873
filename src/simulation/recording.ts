import type { DecisionRecord, SettledJob, Status, Strategy } from "../../mod.ts";
import type { Arrival } from "./arrival.ts";
import type { DemoInput } from "./demo_input.ts";
import { toMicroseconds } from "./tally.ts";

/** How a recorded job ended. */
export interface RecordedOutcome {
  /** How it ended; `refused` when the router did not take it as a job. */
  readonly status: Status | "refused";
  /** The lane it was on, or `backpressure_drop`. */
  readonly strategy: Strategy;
  /** Why it was dropped, failed, cancelled or refused. */
  readonly reason?: string;
  /** How long after it was due it was submitted, in ms. */
  readonly lateMs: number;
  /** Time it did not run after that, in ms. */
  readonly waitMs: number;
  /** Time it ran, in ms. */
  readonly runMs: number;
  /** From the moment it was due to its end, in ms. */
  readonly totalMs: number;
  /** Whether it completed within its budget. */
  readonly withinBudget: boolean;
}

/**
 * One job of a recording: what was asked for, what was decided and on what figures, and what came
 * of it. The first fields are those of a plain trace, so that a recording can be replayed.
 */
export interface JobRecord {
  /** When it was due, in ms from the start, before any change of speed. */
  readonly at_ms: number;
  /** Its kind. */
  readonly kind: string;
  /** Its cost. */
  readonly cost: number;
  /** Parallel payoff; absent when the kind's own was used. */
  readonly scaling: number | undefined;
  /** Latency budget from the moment it was due, in ms; absent when there was none. */
  readonly budget_ms: number | undefined;
  /** Priority; absent when the kind's own was used. */
  readonly priority: number | undefined;
  /** Input of a kernel. */
  readonly input: DemoInput | undefined;
  /** The decision; absent when its budget was over before there was one. */
  readonly decision: DecisionRecord | undefined;
  /** How it ended. */
  readonly outcome: RecordedOutcome;
}

/** Puts down a job that is over. */
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

/** Puts down a job that the router never had. */
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
 * Writes a record as one line of JSON that `readTrace()` reads; bigints become decimal strings.
 *
 * @param record The record.
 * @returns The line, without its end.
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
