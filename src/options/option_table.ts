import { type NumberRange, rangeOf, TIMER_MS, wordsOf } from "../check.ts";
import { PROTOCOL_VERSION } from "../define/jobs.ts";
import type { RouterOptions } from "./options.ts";

/** What is known of one option of `createRouter()`. */
export interface OptionRow {
  /** Its name. */
  readonly name: keyof RouterOptions;
  /** What it is. */
  readonly type: "number" | "string" | "boolean" | "object" | "function";
  /** The numbers it may be; `undefined` where it is none. */
  readonly range: NumberRange | undefined;
  /** Whether it may be a {@linkcode Semaphore} instead. */
  readonly orSemaphore: boolean;
  /** The strings it may be; `undefined` where it is none. */
  readonly words: readonly string[] | undefined;
  /** The functions it must have, where it is an object that is called. */
  readonly functions: readonly string[] | undefined;
  /** What it must be, as error messages say it. */
  readonly wanted: string;
  /** Its default; `undefined` where that is no fixed value. */
  readonly default: number | string | boolean | undefined;
  /** Whether `router.configure()` can change it. */
  readonly isTunable: boolean;
}

/** Options that can be changed while the router runs. */
export type TunableOption =
  | "cpuParallelism"
  | "cpuQueueCapacity"
  | "spawnQueueCapacity"
  | "spawnConcurrency"
  | "inlineSliceMs"
  | "batchMaxSize"
  | "batchMaxDelayMs"
  | "abortGraceMs";

/** A row as it is written below: what is not said follows from the rest. */
type Line<N extends keyof RouterOptions> =
  & Partial<Pick<OptionRow, "type" | "range" | "orSemaphore" | "functions" | "wanted">>
  & { readonly words?: readonly Extract<RouterOptions[N], string>[] }
  & { readonly default?: RouterOptions[N] }
  & (N extends TunableOption ? { readonly isTunable: true } : { readonly isTunable?: undefined });

const MANY = 1_000_000;

const count = (min: number, max: number, unit?: string): NumberRange =>
  rangeOf(min, max, { integer: true, unit });
const jobs: NumberRange = count(1, MANY, "jobs");

const lines: { readonly [N in keyof RouterOptions]-?: Line<N> } = {
  jobs: {
    type: "object",
    wanted: `what "defineJobs" of this version (protocol ${PROTOCOL_VERSION}) gives`,
  },
  policy: {
    functions: ["decide"],
    wanted: 'a policy, with a "decide" function',
  },
  cpuParallelism: {
    range: count(1, 1_024, "calls"),
    orSemaphore: true,
    isTunable: true,
  },
  minWorkers: {
    range: count(0, 1_024, "workers"),
    default: 0,
  },
  cpuQueueCapacity: {
    range: jobs,
    default: 10_000,
    isTunable: true,
  },
  waitCapacity: {
    range: jobs,
    default: 10_000,
  },
  spawnConcurrency: {
    range: jobs,
    default: 1_000,
    isTunable: true,
  },
  spawnQueueCapacity: {
    range: jobs,
    default: 10_000,
    isTunable: true,
  },
  inlineSliceMs: {
    range: rangeOf(0, 1_000, { unit: "ms" }),
    default: 8,
    isTunable: true,
  },
  batchMaxSize: {
    range: count(1, 10_000, "jobs"),
    default: 8,
    isTunable: true,
  },
  batchMaxDelayMs: {
    range: rangeOf(0, 60_000, { unit: "ms" }),
    default: 10,
    isTunable: true,
  },
  priorityAgeingMs: {
    range: TIMER_MS,
    default: 500,
  },
  idleTimeoutMs: {
    range: TIMER_MS,
  },
  workerStartTimeoutMs: {
    range: TIMER_MS,
    default: 10_000,
  },
  abortGraceMs: {
    range: rangeOf(0, TIMER_MS.max, { orInfinity: true, unit: "ms" }),
    isTunable: true,
  },
  maxJobsPerWorker: {
    range: rangeOf(1, MANY, { integer: true, orInfinity: true, unit: "jobs" }),
    default: Infinity,
  },
  maxWorkerHeapBytes: {
    range: rangeOf(1_048_576, Number.MAX_VALUE, { orInfinity: true, unit: "bytes" }),
    default: Infinity,
  },
  teardownMs: {
    range: TIMER_MS,
    default: 1_000,
  },
  quarantineAfter: {
    range: rangeOf(1, MANY, { integer: true, orInfinity: true, unit: "workers" }),
    default: 3,
  },
  quarantineMs: {
    range: TIMER_MS,
    default: 10_000,
  },
  transport: {
    words: ["auto", "shared_memory", "messages"],
    default: "auto",
  },
  clone: {
    words: ["workers", "always"],
    default: "workers",
  },
  maxLostWorkers: {
    range: count(1, MANY, "workers"),
  },
  metrics: {
    type: "boolean",
    wanted: "true or false",
    default: true,
  },
  telemetry: {
    functions: ["submitted"],
    wanted: 'a telemetry, with a "submitted" function',
  },
  seed: {
    range: count(0, 4_294_967_295),
    default: 1,
  },
  worker: {
    type: "function",
    wanted: "a function that makes a worker",
  },
  env: {
    wanted: "an object of strings",
  },
  name: {
    type: "string",
    wanted: "a string",
  },
  resourceLimits: {
    wanted: "an object of limits",
  },
  createPort: {
    type: "function",
    wanted: "a function that makes a port",
  },
  state: {
    wanted: 'what "exportState()" gave',
  },
  clock: {
    functions: ["now", "setTimer", "post"],
    wanted: 'a clock, with "now", "setTimer" and "post"',
  },
};

function toRow(name: string, line: Line<keyof RouterOptions>): OptionRow {
  const { range, words } = line;
  const row = {
    name: name as keyof RouterOptions,
    type: range !== undefined ? "number" : words !== undefined ? "string" : "object",
    range: undefined,
    orSemaphore: false,
    words: undefined,
    functions: undefined,
    wanted: range !== undefined ? wordsOf(range) : `one of ${words?.join(", ")}`,
    default: undefined,
    isTunable: false,
    ...line,
  } as OptionRow;
  for (const value of Object.values(row)) Object.freeze(value);
  return Object.freeze(row);
}

/**
 * Every option of `createRouter()`: what it may be, and its default. The router's own checks are made from it;
 * what each is for, {@linkcode RouterOptions} says.
 *
 * @example Usage
 * ```ts
 * import { optionTable } from "helixrouter";
 * import assert from "node:assert/strict";
 *
 * const { range, default: size, isTunable } = optionTable.cpuQueueCapacity;
 * assert.deepEqual([range?.min, range?.max, size, isTunable], [1, 1_000_000, 10_000, true]);
 * ```
 */
export const optionTable: Readonly<Record<keyof RouterOptions, OptionRow>> = Object.freeze(
  Object.fromEntries(Object.entries(lines).map(([name, line]) => [name, toRow(name, line)])),
) as Readonly<Record<keyof RouterOptions, OptionRow>>;
