import { STATUSES, STRATEGIES, type Strategy } from "../outcome.ts";
import { Histogram, type HistogramMark, type Summary } from "./histogram.ts";
import type { StatusCounts } from "./metrics.ts";
import { named } from "./named_counts.ts";

const STEP_MS = 1_000;
/** Number of marks kept: enough for the longest window and one more step. */
const MARKS = 62;

/** Totals at some moment. */
export interface Totals {
  /** Jobs submitted. */
  readonly submitted: number;
  /** Jobs completed within their latency budget. */
  readonly withinBudget: number;
  /** Jobs settled, by index of their status. */
  readonly statuses: readonly number[];
  /** Jobs submitted, by index of their strategy. */
  readonly routed: readonly number[];
  /** Drops by reason. */
  readonly dropReasons: Readonly<Record<string, number>>;
  /** Time from submit to outcome, of jobs that ran, by index of their strategy. */
  readonly latencyMs: readonly Histogram[];
}

interface Mark extends Omit<Totals, "latencyMs"> {
  readonly latencyMs: readonly HistogramMark[];
}

/** Statistics of a time window. */
export interface WindowStats extends StatusCounts {
  /** Time the window covers, in ms: up to 1 s more than requested, less right after the start. */
  readonly spanMs: number;
  /** Jobs submitted. */
  readonly submitted: number;
  /** Jobs completed within their latency budget. */
  readonly withinBudget: number;
  /** Jobs submitted, by strategy; less those that have left it for another one. */
  readonly routed: Readonly<Record<Strategy, number>>;
  /** Drops by reason, those that occurred. */
  readonly dropReasons: Readonly<Record<string, number>>;
  /** Time from submit to outcome, of jobs that ran, by strategy, in ms. */
  readonly latencyMs: Readonly<Record<Strategy, Summary>>;
}

/**
 * Windows over totals that only grow: at most once a second, when something is counted or read, the
 * totals are marked, and a window is the difference from a mark. It needs no timer; each job costs
 * one check of the time. A mark takes 1 to 4 KB per strategy.
 */
export class Windows {
  readonly #totals: () => Totals;
  /** When the newest mark was set, on the router's clock; marks are one step apart. */
  #markedAtMs: number;
  /** When the next mark is due: `check()` must be called before anything is counted after that. */
  dueMs: number;
  /** Newest last; while there are fewer than `MARKS`, nothing was counted before the oldest. */
  readonly #marks: Mark[] = [];

  /** `totals` returns the totals since the start, at `nowMs`. */
  constructor(nowMs: number, totals: () => Totals) {
    this.#totals = totals;
    this.#markedAtMs = nowMs;
    this.dueMs = nowMs + STEP_MS;
    this.#marks.push(toMark(totals()));
  }

  /** Marks the totals if a mark is due. */
  check(nowMs: number): void {
    if (nowMs >= this.dueMs) this.#mark(nowMs);
  }

  /** Statistics of the last `spanMs`, given the totals at `nowMs`. */
  last(spanMs: number, nowMs: number, totals: Totals): WindowStats {
    this.check(nowMs);
    const back = Math.max(0, Math.ceil((spanMs - (nowMs - this.#markedAtMs)) / STEP_MS));
    const steps = Math.min(back, this.#marks.length - 1);
    const mark = this.#marks[this.#marks.length - 1 - steps];
    return since(mark, totals, nowMs - this.#markedAtMs + steps * STEP_MS);
  }

  /** Nothing was counted during the steps that have passed, so they share a mark. */
  #mark(nowMs: number): void {
    const steps = Math.floor((nowMs - this.#markedAtMs) / STEP_MS);
    this.#markedAtMs += steps * STEP_MS;
    this.dueMs = this.#markedAtMs + STEP_MS;
    const mark = toMark(this.#totals());
    for (let i = 0; i < Math.min(steps, MARKS); i++) this.#marks.push(mark);
    this.#marks.splice(0, this.#marks.length - MARKS);
  }
}

function toMark(totals: Totals): Mark {
  return { ...totals, latencyMs: totals.latencyMs.map((histogram) => histogram.mark()) };
}

function since(mark: Mark, totals: Totals, spanMs: number): WindowStats {
  const minus = (all: readonly number[], before: readonly number[]): number[] =>
    all.map((count, i) => count - before[i]);
  const drops = Object.entries(totals.dropReasons)
    .map(([reason, count]) => [reason, count - (mark.dropReasons[reason] ?? 0)] as const)
    .filter(([, count]) => count > 0);
  const latencies = totals.latencyMs.map((histogram, i) =>
    histogram.since(mark.latencyMs[i]).figures()
  );
  return {
    spanMs,
    submitted: totals.submitted - mark.submitted,
    withinBudget: totals.withinBudget - mark.withinBudget,
    ...named(STATUSES, minus(totals.statuses, mark.statuses)),
    // Jobs from before may have moved to another lane since.
    routed: named(STRATEGIES, minus(totals.routed, mark.routed).map((n) => Math.max(0, n))),
    dropReasons: Object.fromEntries(drops),
    latencyMs: named(STRATEGIES, latencies),
  };
}
