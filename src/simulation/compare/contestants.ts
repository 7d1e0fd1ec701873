import {
  adaptivePolicy,
  type AnyPolicy,
  type RouterOptions,
  thresholdPolicy,
} from "../../../mod.ts";
import {
  runVirtually,
  type VirtualResult,
  type VirtualRunOptions,
} from "../laboratory/virtual_run.ts";
import { figuresOf, type RunFigures } from "./figures.ts";
import { runPlainLoop, runPlainPool } from "./plain.ts";

/** Runs a workload in virtual time. */
export type RunContestant = (options: VirtualRunOptions) => Promise<RunFigures>;

/** A contestant by name. */
export interface ContestantInfo {
  /** What it is. */
  readonly about: string;
  /** Runs a workload. */
  readonly run: RunContestant;
}

/** Options of the router of a contestant. */
export type ContestantOptions = Omit<
  RouterOptions,
  "jobs" | "policy" | "clock" | "createPort" | "cpuParallelism" | "minWorkers"
>;

/**
 * A contestant of one's own: the router with a policy.
 *
 * @param policy Creates the policy, a new one for each run.
 * @param options Further options of its router.
 * @returns What `compare()` takes.
 */
export function contestantOf(
  policy: () => AnyPolicy,
  options: ContestantOptions = {},
): RunContestant {
  return withFigures((run) => runVirtually({ policy, options }, run));
}

/** Has a run give its figures. */
export function withFigures(
  run: (options: VirtualRunOptions) => VirtualResult | Promise<VirtualResult>,
): RunContestant {
  return async (options) => figuresOf(await run(options), options.workload, options.cores);
}

/** The oracle is frozen, and loaded only where it is compared with. */
function oracle(options: { objective?: "fair" | "count"; knowsDraws?: boolean }): RunContestant {
  return withFigures(async (run) => (await import("../oracle/oracle.ts")).runOracle(run, options));
}

/** The contestants that come with the laboratory. */
export const CONTESTANTS: Readonly<Record<string, ContestantInfo>> = {
  adaptive: {
    about: "the router as it is by default: its adaptive policy",
    run: contestantOf(adaptivePolicy),
  },
  "adaptive-count": {
    about: "the same for the number of jobs in budget alone",
    run: contestantOf(() => adaptivePolicy({ objective: "count" })),
  },
  threshold: { about: "the router with its threshold policy", run: contestantOf(thresholdPolicy) },
  "inline-only": {
    about: "a plain loop: each job runs where it comes",
    run: withFigures(runPlainLoop),
  },
  "pool-only": {
    about: "a plain pool: each job goes to a worker, first come, first served",
    run: withFigures(runPlainPool),
  },
  oracle: {
    about: "the best that can be done by what can be known, with equal shares",
    run: oracle({}),
  },
  "oracle-count": {
    about: "the same for the number of jobs in budget alone",
    run: oracle({ objective: "count" }),
  },
  "oracle-true": {
    about: "the oracle, told the time of each job",
    run: oracle({ knowsDraws: true }),
  },
  "policy-oracle": {
    about: "the router and its adaptive policy, told what the oracle is told",
    run: withFigures(async (run) => {
      const { ToldModel } = await import("../oracle/told_model.ts");
      const told = (options: VirtualRunOptions) => new ToldModel(options);
      return runVirtually({ policy: adaptivePolicy, told }, run);
    }),
  },
  "best-static": {
    about: "the best fixed settings, searched in hindsight for these very jobs",
    run: withFigures(async (run) => (await import("./best_static.ts")).runBestStatic(run)),
  },
};
