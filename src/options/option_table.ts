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
  /** Its default in words, where that is no fixed value; an option that has neither is required. */
  readonly defaultIs: string | undefined;
  /** Whether `router.configure()` can change it. */
  readonly isTunable: boolean;
  /** What it is for, in one sentence. */
  readonly description: string;
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
  & Pick<OptionRow, "description">
  & Partial<Pick<OptionRow, "type" | "range" | "orSemaphore" | "functions" | "wanted">>
  & { readonly words?: readonly Extract<RouterOptions[N], string>[] }
  & (N extends "jobs" ? unknown
    : { readonly default: RouterOptions[N] } | { readonly defaultIs: string })
  & (N extends TunableOption ? { readonly isTunable: true } : { readonly isTunable?: undefined });

const MANY = 1_000_000;

const count = (min: number, max: number, unit?: string): NumberRange =>
  rangeOf(min, max, { integer: true, unit });
const jobs: NumberRange = count(1, MANY, "jobs");

const lines: { readonly [N in keyof RouterOptions]-?: Line<N> } = {
  jobs: {
    type: "object",
    wanted: `what "defineJobs" of this version (protocol ${PROTOCOL_VERSION}) gives`,
    description:
      "The kinds of jobs: what `defineJobs()` gave, one set or several with no kind in common.",
  },
  policy: {
    functions: ["decide"],
    wanted: 'a policy, with a "decide" function',
    defaultIs: "`adaptivePolicy()`",
    description: "What decides how a job runs.",
  },
  cpuParallelism: {
    range: count(1, 1_024, "calls"),
    orSemaphore: true,
    defaultIs:
      "the cores this process may use, by affinity and container quota; on a page one less, 8 at most",
    isTunable: true,
    description:
      "Calls the pool runs at a time, and workers at most; a `Semaphore` to share them among routers.",
  },
  minWorkers: {
    range: count(0, 1_024, "workers"),
    default: 0,
    description: "Workers that are started at once and kept, at most `cpuParallelism`.",
  },
  cpuQueueCapacity: {
    range: jobs,
    default: 10_000,
    isTunable: true,
    description: "Jobs that may wait for the pool, gathering batches included.",
  },
  waitCapacity: {
    range: jobs,
    default: 10_000,
    description: "Jobs that may wait for room.",
  },
  spawnConcurrency: {
    range: jobs,
    default: 1_000,
    isTunable: true,
    description:
      "Spawned jobs that are unsettled at a time, and as many asynchronous inline ones; each such kind has a learned limit, too.",
  },
  spawnQueueCapacity: {
    range: jobs,
    default: 10_000,
    isTunable: true,
    description: "Spawned jobs that may wait.",
  },
  inlineSliceMs: {
    range: rangeOf(0, 1_000, { unit: "ms" }),
    default: 8,
    isTunable: true,
    description:
      "Time inline runs may take in one turn of the event loop, bursts of runs under 10 µs aside.",
  },
  batchMaxSize: {
    range: count(1, 10_000, "jobs"),
    default: 8,
    isTunable: true,
    description: "Jobs in a batch at most.",
  },
  batchMaxDelayMs: {
    range: rangeOf(0, 60_000, { unit: "ms" }),
    default: 10,
    isTunable: true,
    description: "Time the first job of a batch waits for others, at most a quarter of a budget.",
  },
  priorityAgeingMs: {
    range: TIMER_MS,
    default: 500,
    description: "Time in which a waiting job rises by one level of priority.",
  },
  idleTimeoutMs: {
    range: TIMER_MS,
    defaultIs: "30,000; 1,000 on Deno, where an idle worker keeps the process alive",
    description: "Time after which an idle worker ends.",
  },
  workerStartTimeoutMs: {
    range: TIMER_MS,
    default: 10_000,
    description: "Time a worker may take to start.",
  },
  abortGraceMs: {
    range: rangeOf(0, TIMER_MS.max, { orInfinity: true, unit: "ms" }),
    defaultIs: "`Infinity`; 100 on a page that is not cross-origin isolated",
    isTunable: true,
    description: "Time an aborted job may go on before its worker is ended.",
  },
  maxJobsPerWorker: {
    range: rangeOf(1, MANY, { integer: true, orInfinity: true, unit: "jobs" }),
    default: Infinity,
    description: "Jobs (a batch is one) after which a worker is replaced, against leaks.",
  },
  maxWorkerHeapBytes: {
    range: rangeOf(1_048_576, Number.MAX_VALUE, { orInfinity: true, unit: "bytes" }),
    default: Infinity,
    description: "Heap in use above which an idle worker is replaced, on Node and Deno.",
  },
  teardownMs: {
    range: TIMER_MS,
    default: 1_000,
    description: "Time the `teardown` of a job file may take in a worker.",
  },
  quarantineAfter: {
    range: rangeOf(1, MANY, { integer: true, orInfinity: true, unit: "workers" }),
    default: 3,
    description: "Workers a kind may kill within a minute before its jobs are dropped.",
  },
  quarantineMs: {
    range: TIMER_MS,
    default: 10_000,
    description: "Time after which one job of a quarantined kind may try again.",
  },
  transport: {
    words: ["auto", "shared_memory", "messages"],
    default: "auto",
    description:
      'How calls travel to workers; `"auto"` is shared memory where there is any, but not on pages.',
  },
  clone: {
    words: ["workers", "always"],
    default: "workers",
    description: "Where inputs and outputs are cloned: on the way to workers, or on every lane.",
  },
  maxLostWorkers: {
    range: count(1, MANY, "workers"),
    defaultIs: "the larger of 2 and `cpuParallelism`",
    description: "Threads that may be lost at a time before the pool closes.",
  },
  metrics: {
    type: "boolean",
    wanted: "true or false",
    default: true,
    description: "Whether times are measured; counters are kept anyway.",
  },
  telemetry: {
    functions: ["submitted"],
    wanted: 'a telemetry, with a "submitted" function',
    defaultIs: "none",
    description: "Hears of every job, such as `otel(api)` of `helixrouter/otel`.",
  },
  seed: {
    range: count(0, 4_294_967_295),
    default: 1,
    description: "Seed of `load.draw(job)`, the only randomness a policy has.",
  },
  worker: {
    type: "function",
    wanted: "a function that makes a worker",
    defaultIs: "the built-in entry, which imports the job modules",
    description:
      "Makes a worker whose entry calls `serveJobs(jobs)`, for bundlers and compiled binaries.",
  },
  env: {
    wanted: "an object of strings",
    defaultIs: "the process's",
    description: "Environment of workers, on Node and Bun.",
  },
  name: {
    type: "string",
    wanted: "a string",
    defaultIs: "none",
    description: "Name of workers, for debuggers.",
  },
  resourceLimits: {
    wanted: "an object of limits",
    defaultIs: "the runtime's",
    description: "Memory limits of workers, on Node.",
  },
  createPort: {
    type: "function",
    wanted: "a function that makes a port",
    defaultIs: "ports on workers",
    description: "Makes ports instead of workers, for simulations and tests.",
  },
  state: {
    wanted: 'what "exportState()" gave',
    defaultIs: "none",
    description: "What `router.exportState()` gave.",
  },
  clock: {
    functions: ["now", "setTimer", "post"],
    wanted: 'a clock, with "now", "setTimer" and "post"',
    defaultIs: "the runtime's",
    description: "All time the router sees.",
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
    defaultIs: undefined,
    isTunable: false,
    ...line,
  } as OptionRow;
  for (const value of Object.values(row)) Object.freeze(value);
  return Object.freeze(row);
}

/**
 * Every option of `createRouter()`: what it may be, its default, and what it is for. The router's own
 * checks are made from it.
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
