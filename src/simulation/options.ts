import type { DecisionRecord, RouterOptions } from "../../mod.ts";
import type { JobRecord } from "./recording.ts";
import type { TraceRequest } from "./trace.ts";

/** What is known of a simulation when its clock starts. */
export interface SimulationStart {
  /** Name of the policy. */
  readonly policy: string;
  /** Workers, all of them ready. */
  readonly workers: number;
  /** Time it took to start them, in ms. */
  readonly warmMs: number;
  /** Rounds of `hash_mix` this machine makes in a millisecond; `undefined` without a trace. */
  readonly roundsPerMs: number | undefined;
  /** Jobs to come. */
  readonly jobs: number;
  /** Over how long they are due, in ms. */
  readonly spanMs: number;
  /** How many of them have come to their end by now. */
  readonly settled: () => number;
}

/** Options of `simulate()`. All have defaults. */
export interface SimulateOptions {
  /** Jobs of the synthetic workload, 1 to 1,000,000. @default {200} */
  readonly jobs?: number;
  /** Seed of the workload, and of the inputs a trace does not give, 0 to 2^32 - 1. @default {7} */
  readonly seed?: number;
  /** Requests that are replayed in place of the synthetic workload, in order of arrival. */
  readonly trace?: readonly TraceRequest[];
  /** How many times as fast a trace is replayed, above 0 and at most 1,000,000. @default {10} */
  readonly speed?: number;
  /** Options of the router. Its workers are ready before the clock starts. */
  readonly router?: Omit<RouterOptions, "jobs" | "minWorkers">;
  /** Stops the simulation: nothing more is submitted, what is in flight may end within 5 s. */
  readonly signal?: AbortSignal;
  /** Called when the clock is about to start. */
  readonly onStart?: (start: SimulationStart) => void;
  /** Called for every decision. */
  readonly onDecision?: (decision: DecisionRecord) => void;
  /** Called for every job that is over. */
  readonly onRecord?: (record: JobRecord) => void;
}

/** The options of the load, with their defaults. */
export interface LoadOptions {
  readonly jobs: number;
  readonly seed: number;
  readonly trace: readonly TraceRequest[] | undefined;
  readonly speed: number;
}

/** Checks the options that are not the router's. */
export function resolveLoad(options: SimulateOptions): LoadOptions {
  const { jobs = 200, seed = 7, trace, speed = 10 } = options;
  checkInteger("jobs", jobs, 1, 1_000_000);
  checkInteger("seed", seed, 0, 4_294_967_295);
  if (typeof speed !== "number" || !(speed > 0 && speed <= 1_000_000)) {
    throw wrongOption("speed", speed, "a number above 0 and at most 1000000");
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
