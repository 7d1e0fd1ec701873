import { rounded, type RunFigures } from "./figures.ts";

/** A figure over the seeds. */
export interface Spread {
  /** Mean. */
  readonly mean: number;
  /** Standard deviation. */
  readonly spread: number;
}

/** How a contestant does beside the oracle: 1 is as well, or better. */
export interface Score {
  /** Jobs in budget. */
  readonly count: number;
  /** Time on a core of those. */
  readonly work: number;
  /** Delay, turned over: less is better. */
  readonly delay: number;
}

/** Below this share, the oracle is no measure: nobody is more than this behind. */
const LITTLE = 0.02;

/** The mean over the seeds of min(1, ours / the oracle's), for delay the inverse. */
export function scoreOf(ours: readonly RunFigures[], oracles: readonly RunFigures[]): Score {
  const meanOf = (score: (ours: RunFigures, oracle: RunFigures) => number): number =>
    rounded(ours.reduce((sum, run, i) => sum + score(run, oracles[i]), 0) / ours.length);
  return {
    count: meanOf((run, oracle) => beside(run.count, oracle.count)),
    work: meanOf((run, oracle) => beside(run.work, oracle.work)),
    delay: meanOf((run, oracle) => asQuick(run.delay, oracle.delay)),
  };
}

function beside(ours: number, oracle: number): number {
  return oracle < LITTLE ? 1 : Math.min(1, ours / oracle);
}

/** The same for delays, which are 0 where no job completed. */
function asQuick(ours: number, oracle: number): number {
  if (oracle === 0) return 1;
  return ours === 0 ? 0 : Math.min(1, oracle / ours);
}

/** Mean and deviation of a figure. */
export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return { mean: rounded(mean), spread: rounded(Math.sqrt(square / values.length)) };
}
