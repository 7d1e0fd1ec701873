import type { Decision, SettledJob, Status, Strategy } from "../../mod.ts";

/** Version of the format that is written, and the only one that is read. */
export const TRACE_VERSION: TraceHeader["helix_trace"] = 1;

/** The first line of a recording. */
export interface TraceHeader {
  /** Version of the format. */
  readonly helix_trace: 1;
  /** Name of the router's policy. */
  readonly policy?: string | undefined;
  /** Calls its pool could run at a time when the recording began. */
  readonly workers?: number | undefined;
  /** Names of its kinds. */
  readonly kinds?: readonly string[] | undefined;
}

/** What a recorded job was routed on. */
export type RecordedDecision = Decision;

/** How a recorded job ended. Times are rounded to nanoseconds. */
export interface RecordedOutcome {
  /** How it ended; `refused`, in a recording of `simulate()` only, if the submit was refused. */
  readonly status: Status | "refused";
  /** The lane it was on, or `backpressure_drop`. */
  readonly strategy: Strategy;
  /** Why it was dropped, failed, cancelled or refused, up to 200 characters; absent if completed. */
  readonly reason?: string | undefined;
  /** How late `simulate()` submitted it, in ms after it was due; absent if a router was recorded. */
  readonly lateMs?: number | undefined;
  /** Time after its submit not spent running, in ms. */
  readonly waitMs: number;
  /** Run time, in ms, for a job of a batch that of the whole call; absent if no run ended. */
  readonly runMs?: number | undefined;
  /** Number of jobs in the call it ran in; absent if it ran alone. */
  readonly batchSize?: number | undefined;
  /** Time from when it was submitted (in `simulate()`: due) to its end, in ms. */
  readonly totalMs: number;
  /** Whether it completed within its budget. */
  readonly withinBudget: boolean;
}

/** One job of a recording: what was asked, what was decided, and what came of it. */
export interface JobRecord {
  /**
   * When it was submitted, on the router's clock, in ms; from `simulate()`: when it was due, from the
   * start, at speed 1. Only differences count.
   */
  readonly at_ms: number;
  /** Number of the job: the order of those of the same time. Absent if it never became a job. */
  readonly id?: number | undefined;
  /** Its kind. */
  readonly kind: string;
  /** Its cost; absent if unknown. */
  readonly cost?: number | undefined;
  /** Parallel payoff, 0 to 1; absent from `simulate()` if the kind's own was used. */
  readonly scaling?: number | undefined;
  /** Latency budget, in ms; absent if there was none. */
  readonly budget_ms?: number | undefined;
  /** Priority, 0 to 9; absent from `simulate()` if the kind's own was used. */
  readonly priority?: number | undefined;
  /** Its key; absent if it had none. */
  readonly key?: string | undefined;
  /** Its input, if inputs are recorded and this one can be written as JSON. */
  readonly input?: unknown;
  /** The decision; absent if there was none: it was refused, or its budget was over before. */
  readonly decision?: RecordedDecision | undefined;
  /** How it ended. */
  readonly outcome: RecordedOutcome;
}

/**
 * Formats the first line of a recording.
 *
 * @param header What is known of the router.
 * @returns The line, without a line break.
 */
export function toHeaderLine(header: Omit<TraceHeader, "helix_trace">): string {
  const { policy, workers, kinds } = header;
  return JSON.stringify({ helix_trace: TRACE_VERSION, policy, workers, kinds });
}

/**
 * Formats a record as one line of JSON; bigints become decimal strings. The fields are always in the
 * same order, so a record that was read gives the line it was read from.
 *
 * @example Usage
 * ```ts
 * import { readRecording, toHeaderLine, toRecordLine } from "helixrouter/simulation";
 * import assert from "node:assert/strict";
 *
 * const line = toRecordLine({
 *   at_ms: 12,
 *   kind: "resize",
 *   outcome: { status: "completed", strategy: "inline", waitMs: 0, totalMs: 1, withinBudget: true },
 * });
 * const { records } = readRecording([toHeaderLine({}), line].join("\n"));
 * assert.equal(toRecordLine(records[0]), line);
 * ```
 *
 * @param record The record.
 * @returns The line, without a line break.
 */
export function toRecordLine(record: JobRecord): string {
  const { at_ms, id, kind, cost, scaling, budget_ms, priority, key, input } = record;
  const decision = record.decision && inOrderOfDecision(record.decision);
  const outcome = inOrderOfOutcome(record.outcome);
  const request = { at_ms, id, kind, cost, scaling, budget_ms, priority, key, input };
  const line = { ...request, decision, outcome };
  return JSON.stringify(line, (_, value) => typeof value === "bigint" ? String(value) : value);
}

function inOrderOfDecision(decision: RecordedDecision): RecordedDecision {
  const { strategy, reason, isProbe, predictedWaitMs, predictedRunMs, predictedHighMs } = decision;
  const predicted = { predictedWaitMs, predictedRunMs, predictedHighMs };
  return { strategy, reason, isProbe, ...predicted } as RecordedDecision;
}

function inOrderOfOutcome(outcome: RecordedOutcome): RecordedOutcome {
  const { status, strategy, reason, lateMs, waitMs, runMs, batchSize } = outcome;
  const { totalMs, withinBudget } = outcome;
  return {
    ...{ status, strategy, reason, lateMs, waitMs, runMs, batchSize },
    ...{ totalMs, withinBudget },
  };
}

/** What a job was routed on, as it is recorded. A policy of one's own may give anything. */
export function toRecordedDecision({ decision }: SettledJob): RecordedDecision {
  const { strategy, reason, isProbe, predictedWaitMs, predictedRunMs, predictedHighMs } = decision;
  const predicted = Object.entries({ predictedWaitMs, predictedRunMs, predictedHighMs })
    .flatMap(([name, ms]) => Number.isFinite(ms) ? [[name, toNanoseconds(ms!)]] : []);
  return {
    strategy,
    reason: toText(reason),
    ...isProbe === true ? { isProbe } : {},
    ...Object.fromEntries(predicted),
  };
}

/** How a job ended, as it is recorded. */
export function toRecordedOutcome(job: SettledJob): RecordedOutcome {
  const { status, strategy, value, ran, waitMs, runMs, batchSize, totalMs } = job;
  return {
    status,
    strategy,
    ...status === "completed" ? {} : { reason: toText(value) },
    waitMs: toNanoseconds(waitMs),
    ...ran ? { runMs: toNanoseconds(runMs) } : {},
    ...ran && batchSize > 1 ? { batchSize } : {},
    totalMs: toNanoseconds(totalMs),
    withinBudget: status === "completed" && job.withinBudget,
  };
}

/** Rounds a time to nanoseconds: run times of tiny jobs are below a microsecond. */
export function toNanoseconds(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}

/** A reason in few words; jobs and callers may give anything. */
export function toText(reason: unknown): string {
  try {
    const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
    return text.slice(0, 200);
  } catch {
    return "cannot be read";
  }
}
