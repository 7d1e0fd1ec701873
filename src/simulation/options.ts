import type { DecisionRecord, RouterOptions } from "../../mod.ts";
import type { JobRecord } from "./recording.ts";
import { demoJobs } from "./jobs.ts";
import type { TraceRequest } from "./trace.ts";
import { isDemoKind } from "./trace_row.ts";

/** What is known about a simulation when its clock starts. */
export interface SimulationStart {
  /** Name of the policy. */
  readonly policy: string;
  /** Number of workers, all of them ready. */
  readonly workers: number;
  /** Time it took to start them, in ms. */
  readonly warmMs: number;
  /** Rounds of `hash_mix` per ms on this machine; `undefined` if no job is an `llm_request`. */
  readonly roundsPerMs: number | undefined;
  /** Number of jobs to come. */
  readonly jobs: number;
  /** Time span over which they are due, in ms; 0 if all are submitted at once. */
  readonly spanMs: number;
  /** Returns how many of them have ended so far. */
  readonly settled: () => number;
}

/** Options of `simulate()`. All have defaults. */
export interface SimulateOptions {
  /** Number of jobs of the synthetic workload, 1 to 1,000,000. @default {200} */
  readonly jobs?: number;
  /** Seed of the workload, and of inputs that a trace lacks, 0 to 2^32 - 1. @default {7} */
  readonly seed?: number;
  /**
   * Requests to replay instead of the synthetic workload, in order of arrival; only of the kinds of
   * `demoJobs`.
   */
  readonly trace?: readonly TraceRequest[];
  /** Factor by which a trace is sped up, above 0 and at most 1,000,000. @default {10} */
  readonly speed?: number;
  /** Options of the router. Its workers are ready before the clock starts. */
  readonly router?: Omit<RouterOptions, "jobs" | "minWorkers">;
  /** Stops the simulation: nothing more is submitted, jobs in flight have 5 s to end. */
  readonly signal?: AbortSignal;
  /** Called right before the clock starts. */
  readonly onStart?: (start: SimulationStart) => void;
  /** Called for every decision: twice for a job that moved while it waited, the second time with `moved`. */
  readonly onDecision?: (decision: DecisionRecord) => void;
  /** Called for every job that is over. */
  readonly onRecord?: (record: JobRecord) => void;
}

/** The options of the load, with defaults filled in. */
export interface LoadOptions {
  readonly jobs: number;
  readonly seed: number;
  readonly trace: readonly TraceRequest[] | undefined;
  readonly speed: number;
}

/** Checks the options that are not the router's, and fills in their defaults. */
export function resolveLoad(options: SimulateOptions): LoadOptions {
  const { jobs = 200, seed = 7, trace, speed = 10 } = options;
  checkInteger("jobs", jobs, 1, 1_000_000);
  checkInteger("seed", seed, 0, 4_294_967_295);
  if (typeof speed !== "number" || !(speed > 0 && speed <= 1_000_000)) {
    throw wrongOption("speed", speed, "a number above 0 and at most 1000000");
  }
  const foreign = trace?.find(({ kind }) => !isDemoKind(kind));
  if (foreign !== undefined) {
    const kinds = Object.keys(demoJobs.kinds).join(", ");
    throw wrongOption(
      "trace",
      `kind "${foreign.kind}"`,
      `of kinds that there are jobs of (${kinds})`,
    );
  }
  return { jobs, seed, trace, speed };
}

function checkInteger(name: string, value: unknown, min: number, max: number): void {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return;
  throw wrongOption(name, value, `an integer from ${min} to ${max}`);
}

function wrongOption(name: string, value: unknown, wanted: string): RangeError {
  return new RangeError(`Cannot simulate as "${name}" must be ${wanted}: received ${value}`);
}
