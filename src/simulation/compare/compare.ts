import type { CostWord } from "../workload/cost_words.ts";
import type { WorkloadSpec } from "../workload/spec.ts";
import type { RunContestant } from "../laboratory/virtual_run.ts";
import { figuresOf, type RunFigures } from "./figures.ts";
import { type Score, scoreOf, type Spread, spreadOf } from "./score.ts";

/** A workload, and on what it runs. */
export interface CellOptions {
  readonly workload: WorkloadSpec;
  /** What the costs say. @default {"right"} */
  readonly costSays?: CostWord;
  /** Time on a core that arrives, as a share of what the cores have. @default {0.7} */
  readonly load?: number;
  /** Workers of each contestant. @default {2} */
  readonly workers?: number;
  /** Cores, which the workers share with the event loop. @default {2} */
  readonly cores?: number;
  /** Virtual duration, in ms. @default {10_000} */
  readonly durationMs?: number;
  /** Seed of the first run. @default {7} */
  readonly seed?: number;
  /** Number of runs, each with the next seed. @default {1} */
  readonly repeat?: number;
  /** Whether the workers are ready when the first job comes. @default {true} */
  readonly isWarm?: boolean;
}

/** How a contestant did. */
export interface Compared {
  readonly name: string;
  readonly count: Spread;
  readonly work: Spread;
  readonly delay: Spread;
  /** Beside the oracle, if that took part. */
  readonly score: Score | undefined;
  /** Figures of each run, in the order of the seeds. */
  readonly runs: readonly RunFigures[];
}

/** What came of a comparison. */
export interface Comparison {
  readonly workload: string;
  readonly costSays: CostWord;
  readonly load: number;
  readonly workers: number;
  readonly cores: number;
  readonly durationMs: number;
  readonly seeds: readonly number[];
  readonly contestants: readonly Compared[];
}

/** Runs the same jobs under each contestant in virtual time. */
export async function compare(
  contestants: ReadonlyMap<string, RunContestant>,
  options: CellOptions,
  progress: (runs: number) => void = () => {},
): Promise<Comparison> {
  const { workload, costSays = "right", load = 0.7, workers = 2, cores = 2 } = options;
  const { durationMs = 10_000, seed = 7, repeat = 1, isWarm = true } = options;
  const seeds = Array.from({ length: repeat }, (_, i) => seed + i);
  const runs = new Map<string, RunFigures[]>();
  let done = 0;
  for (const [name, run] of contestants) {
    const figures: RunFigures[] = [];
    for (const seed of seeds) {
      const cell = { workload, word: costSays, load, workers, cores, durationMs, seed, isWarm };
      figures.push(figuresOf(await run(cell), workload, cores));
      progress(++done);
    }
    runs.set(name, figures);
  }
  const oracle = runs.get("oracle");
  return {
    workload: workload.name,
    ...{ costSays, load, workers, cores, durationMs, seeds },
    contestants: [...runs].map(([name, figures]) => ({
      name,
      count: spreadOf(figures.map(({ count }) => count)),
      work: spreadOf(figures.map(({ work }) => work)),
      delay: spreadOf(figures.map(({ delay }) => delay)),
      score: oracle === undefined ? undefined : scoreOf(figures, oracle),
      runs: figures,
    })),
  };
}
