import { STATUSES, STRATEGIES, type Strategy } from "../outcome.ts";
import { Histogram, type HistogramMark, type Summary } from "./histogram.ts";
import type { StatusCounts } from "./metrics.ts";
import { named } from "./named_counts.ts";

const STEP_MS = 1_000;
/** Marks that are kept: the longest window and one step more. */
const MARKS = 62;

/** What was counted until some moment. */
export interface Totals {
  /** Jobs taken. */
  readonly submitted: number;
  /** Jobs completed within their latency budget. */
  readonly withinBudget: number;
  /** Jobs settled, by place of their status. */
  readonly statuses: readonly number[];
  /** Jobs taken, by place of their strategy. */
  readonly routed: readonly number[];
  /** Drops by reason. */
  readonly dropReasons: Readonly<Record<string, number>>;
  /** From submit to outcome of jobs that ran, by place of their strategy. */
  readonly latencyMs: readonly Histogram[];
}

interface Mark extends Omit<Totals, "latencyMs"> {
  readonly latencyMs: readonly HistogramMark[];
}

/** What happened in the last seconds. */
export interface WindowStats extends StatusCounts {
  /** Time the window covers, in ms: up to a second more than asked, less after the start. */
  readonly spanMs: number;
  /** Jobs taken. */
  readonly submitted: number;
  /** Jobs completed within their latency budget. */
  readonly withinBudget: number;
  /** Jobs taken, by strategy. */
  readonly routed: Readonly<Record<Strategy, number>>;
  /** Drops by reason, those that occurred. */
  readonly dropReasons: Readonly<Record<string, number>>;
  /** From submit to outcome of jobs that ran, by strategy, in ms. */
  readonly latencyMs: Readonly<Record<Strategy, Summary>>;
}

/**
 * Windows over totals that only grow: once a second, when something is counted or read, the totals
 * are marked, and a window is what has come since a mark. It needs no timer, and each job costs a
 * look at the time. A mark of a strategy takes 1 to 4 KB.
 */
export class Windows {
  readonly #totals: () => Totals;
  /** The moment of the newest mark, on the router's clock; marks are a step apart. */
  #markedAtMs: number;
  /** When the next mark is due: `check()` is to be called before anything is counted after it. */
  dueMs: number;
  /** The newest last; nothing was counted before the oldest while there are fewer than `MARKS`. */
  readonly #marks: Mark[] = [];

  /** `totals` tells what was counted since the beginning, at `nowMs`. */
  constructor(nowMs: number, totals: () => Totals) {
    this.#totals = totals;
    this.#markedAtMs = nowMs;
    this.dueMs = nowMs + STEP_MS;
    this.#marks.push(toMark(totals()));
  }

  /** Marks the totals if that is due. */
  check(nowMs: number): void {
    if (nowMs >= this.dueMs) this.#mark(nowMs);
  }

  /** What has happened in the last `spanMs`, by the totals as they are at `nowMs`. */
  last(spanMs: number, nowMs: number, totals: Totals): WindowStats {
    this.check(nowMs);
    const back = Math.max(0, Math.ceil((spanMs - (nowMs - this.#markedAtMs)) / STEP_MS));
    const steps = Math.min(back, this.#marks.length - 1);
    const mark = this.#marks[this.#marks.length - 1 - steps];
    return since(mark, totals, nowMs - this.#markedAtMs + steps * STEP_MS);
  }

  /** Nothing was counted between the steps that have passed, so that they share a mark. */
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
    routed: named(STRATEGIES, minus(totals.routed, mark.routed)),
    dropReasons: Object.fromEntries(drops),
    latencyMs: named(STRATEGIES, latencies),
  };
}
