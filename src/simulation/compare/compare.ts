import { checkCell } from "./check_cell.ts";
import type { CostWord } from "../workload/cost_words.ts";
import type { LabJob } from "../workload/lab_job.ts";
import type { WorkloadSpec } from "../workload/spec.ts";
import type { RunContestant } from "./contestants.ts";
import type { RunFigures } from "./figures.ts";
import { type Score, scoreOf, type Spread, spreadOf } from "./score.ts";

/** A workload, and on what it runs. */
export interface CellOptions {
  /** The jobs. */
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
  /** Jobs to run instead of those that the workload describes, in order of arrival. */
  readonly jobs?: readonly LabJob[] | undefined;
  /** Whether the workers are ready when the first job comes. @default {true} */
  readonly isWarm?: boolean;
}

/** How a contestant did. */
export interface Compared {
  /** Its name. */
  readonly name: string;
  /** Share of the jobs that were done in time, 0 to 1. */
  readonly count: Spread;
  /** Time on a core of those, as a share of what the cores have. */
  readonly work: Spread;
  /** Mean of total time / (time of the job + 1 ms) of completed jobs. */
  readonly delay: Spread;
  /** Beside the oracle, if that took part. */
  readonly score: Score | undefined;
  /** Figures of each run, in the order of the seeds. */
  readonly runs: readonly RunFigures[];
}

/** What came of a comparison. */
export interface Comparison {
  /** Name of the workload. */
  readonly workload: string;
  /** What the costs said. */
  readonly costSays: CostWord;
  /** Time on a core that arrived, as a share of what the cores had. */
  readonly load: number;
  /** Workers of each contestant. */
  readonly workers: number;
  /** Cores. */
  readonly cores: number;
  /** Virtual duration, in ms. */
  readonly durationMs: number;
  /** The seed of each run. */
  readonly seeds: readonly number[];
  /** The contestants, in the order in which they were given. */
  readonly contestants: readonly Compared[];
}

/**
 * Runs the same jobs under each contestant in virtual time.
 *
 * @example Usage
 * ```ts
 * import { compare, CONTESTANTS, contestantOf, WORKLOADS } from "helixrouter/simulation";
 * import assert from "node:assert/strict";
 *
 * const allToPool = { strategy: "cpu_pool", reason: "always" } as const;
 * const contestants = new Map([
 *   ["oracle", CONTESTANTS.oracle.run],
 *   ["mine", contestantOf(() => ({ name: "mine", decide: () => allToPool }))],
 * ]);
 * const workload = WORKLOADS.find(({ name }) => name === "exp50")!;
 * const { contestants: [oracle, mine] } = await compare(contestants, { workload, durationMs: 500 });
 * assert.ok(oracle.count.mean >= mine.count.mean);
 * ```
 *
 * @param contestants Who takes part, by name. Scores are by the one named `oracle`.
 * @param options The workload, and on what it runs.
 * @param progress Told how many runs are done.
 * @returns How each of them did.
 * @throws {RangeError} If an option is out of range.
 * @throws {PolicyError} If a contestant's policy fails.
 */
export async function compare(
  contestants: ReadonlyMap<string, RunContestant>,
  options: CellOptions,
  progress: (runs: number) => void = () => {},
): Promise<Comparison> {
  checkCell(contestants, options);
  const { workload, costSays = "right", load = 0.7, workers = 2, cores = 2 } = options;
  const { durationMs = 10_000, seed = 7, repeat = 1, isWarm = true, jobs } = options;
  const seeds = Array.from({ length: repeat }, (_, i) => seed + i);
  const runs = new Map<string, RunFigures[]>();
  let done = 0;
  for (const [name, run] of contestants) {
    const figures: RunFigures[] = [];
    for (const seed of seeds) {
      const cell = {
        workload,
        word: costSays,
        load,
        workers,
        cores,
        durationMs,
        seed,
        isWarm,
        jobs,
      };
      figures.push(await run(cell));
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
