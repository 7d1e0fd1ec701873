import type { VirtualResult } from "../laboratory/virtual_run.ts";
import type { ClassTally } from "../laboratory/job_tally.ts";
import type { WorkloadSpec } from "../workload/spec.ts";

/** Quantiles of a time, in ms; 0 if nothing was counted. */
export interface Quantiles {
  /** Half are at most this. */
  readonly p50: number;
  /** 99 % are at most this. */
  readonly p99: number;
  /** The longest. */
  readonly max: number;
}

/** Figures of some of the jobs. */
export interface ClassFigures {
  /**
   * Name of the kind, or the budget in ms, `Infinity` for none; where there are many different budgets, those
   * from one power of two to the next are together, as `32-64`.
   */
  readonly name: string;
  /** Jobs that count: due early enough to be done in time before the end. */
  readonly submitted: number;
  /** Those done in time. */
  readonly inBudget: number;
  /** Those that completed, in time or not. */
  readonly completed: number;
  /** Those that failed, were cancelled or timed out. */
  readonly failed: number;
  /** Those that had not ended when the run did. */
  readonly unfinished: number;
  /** Those that were dropped, by reason. */
  readonly dropReasons: Readonly<Record<string, number>>;
  /** Share of the time that jobs of all classes had on a core and were in time, 0 to 1. */
  readonly share: number;
  /** From when a job was due to its end, in ms. */
  readonly totalMs: Quantiles;
  /** Time of that not spent running, in ms. */
  readonly waitMs: Quantiles;
  /** Run times, in ms. */
  readonly runMs: Quantiles;
}

/** Figures of a run. */
export interface RunFigures {
  /** Share of the jobs that were done in time, 0 to 1. */
  readonly count: number;
  /** Time on a core of those, as a share of what the cores have. */
  readonly work: number;
  /** Mean of total time / (time of the job + 1 ms) of completed jobs. */
  readonly delay: number;
  /** Jobs that count. */
  readonly submitted: number;
  /** Those that completed, in time or not. */
  readonly completed: number;
  /** Those that failed, were cancelled or timed out. */
  readonly failed: number;
  /** Those that had not ended when the run did. */
  readonly unfinished: number;
  /** Those that were dropped, by reason. */
  readonly dropReasons: Readonly<Record<string, number>>;
  /** All jobs that ended, by strategy. */
  readonly routed: Readonly<Record<string, number>>;
  /** From when a job was due to its end, in ms. */
  readonly totalMs: Quantiles;
  /** How late the event loop took the jobs, in ms. */
  readonly lagMs: Quantiles;
  /** By kind. */
  readonly byKind: readonly ClassFigures[];
  /** By budget. */
  readonly byBudget: readonly ClassFigures[];
  /** Settings that were chosen for the very jobs, in words; absent where none were. */
  readonly settings?: readonly string[];
}

/** The figures of a run on so many cores. */
export function figuresOf(
  { tally, wallMs, settings }: VirtualResult,
  workload: WorkloadSpec,
  cores: number,
): RunFigures {
  const { all, byKind, byBudget, routed, lag } = tally;
  const budgets = [...byBudget].sort(([a], [b]) => a - b);
  return {
    count: rounded(all.inBudget / Math.max(1, all.submitted)),
    work: rounded(all.workMs / (cores * wallMs)),
    delay: rounded(all.delays / Math.max(1, all.completed)),
    submitted: all.submitted,
    ...endsOf(all),
    routed: { ...routed },
    totalMs: quantilesOf(all.total.summary()),
    lagMs: quantilesOf(lag.summary()),
    byKind: byKind.map((kind, i) => classOf(workload.kinds[i].name, kind, all)),
    byBudget: budgets.map(([ms, budget]) => classOf(tally.budgets.nameOf(ms), budget, all)),
    ...(settings === undefined ? {} : { settings }),
  };
}

function classOf(name: string, tally: ClassTally, all: ClassTally): ClassFigures {
  return {
    name,
    submitted: tally.submitted,
    inBudget: tally.inBudget,
    ...endsOf(tally),
    share: all.workMs > 0 ? rounded(tally.workMs / all.workMs) : 0,
    totalMs: quantilesOf(tally.total.summary()),
    waitMs: quantilesOf(tally.wait.summary()),
    runMs: quantilesOf(tally.run.summary()),
  };
}

/** How jobs ended. */
function endsOf(
  { completed, failed, unfinished, dropReasons }: ClassTally,
): Pick<ClassFigures, "completed" | "failed" | "unfinished" | "dropReasons"> {
  return {
    ...{ completed, failed, unfinished },
    dropReasons: Object.fromEntries([...dropReasons].sort()),
  };
}

function quantilesOf({ p50, p99, max }: Quantiles): Quantiles {
  return { p50: rounded(p50), p99: rounded(p99), max: rounded(max) };
}

/** Rounds to six places, so that a report is readable. */
export function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
