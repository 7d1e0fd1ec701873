import { type AnyPolicy, thresholdPolicy } from "../../../mod.ts";
import { type RunContestant, runVirtually } from "../laboratory/virtual_run.ts";
import { runPlainLoop, runPlainPool } from "./plain.ts";

/** A contestant by name. */
export interface ContestantInfo {
  /** What it is. */
  readonly about: string;
  /** Runs a workload. */
  readonly run: RunContestant;
}

/** Runs a workload under a policy, a new one each time. */
export function contestantOf(
  policy: () => AnyPolicy,
  options: Parameters<typeof runVirtually>[0]["options"] = {},
): RunContestant {
  return (run) => runVirtually({ name: "policy", policy, options }, run);
}

/** The oracle is frozen, and loaded only where it is compared with. */
const oracle =
  (options: { objective?: "fair" | "count"; knowsDraws?: boolean }): RunContestant => async (run) =>
    (await import("../oracle/oracle.ts")).runOracle(run, options);

/** The contestants that come with the laboratory. */
export const CONTESTANTS: Readonly<Record<string, ContestantInfo>> = {
  threshold: { about: "the router with its threshold policy", run: contestantOf(thresholdPolicy) },
  "inline-only": {
    about: "a plain loop: each job runs where it comes",
    run: (run) => Promise.resolve(runPlainLoop(run)),
  },
  "pool-only": {
    about: "a plain pool: each job goes to a worker, first come, first served",
    run: (run) => Promise.resolve(runPlainPool(run)),
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
};
