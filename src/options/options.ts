import { z } from "zod";
import type { Clock } from "../clock.ts";
import { LIMIT_SHAPES } from "./configuration.ts";
import { InvalidOptionError } from "../errors.ts";
import { type AnyKind, type Jobs, jobsVersion, PROTOCOL_VERSION } from "../define/jobs.ts";
import {
  countOrNone,
  hasFunctions,
  integer,
  isFunction,
  MANY,
  milliseconds,
  shape,
  toOptionError,
} from "./option_shapes.ts";
import type { AnyPolicy } from "../policy/policy.ts";
import { thresholdPolicy } from "../policy/threshold.ts";
import { Semaphore } from "../semaphore.ts";
import type { PortFactory, Transport } from "../transport/port.ts";
import type { RuntimeDefaults } from "../runtime_defaults.ts";
import type { Telemetry } from "../observe/telemetry.ts";

const TRANSPORTS: readonly Transport[] = ["auto", "shared_memory", "messages"];

/** One set of jobs, or several with no kind in common. */
// deno-lint-ignore no-explicit-any
export type JobSets = Jobs<any> | readonly Jobs<any>[];

/** Options of `createRouter()`. All but `jobs` have defaults. */
export interface RouterOptions<J extends JobSets = JobSets> {
  /** What `defineJobs()` gave: one set, or several with no kind in common. */
  readonly jobs: J;
  /** What decides. @default {thresholdPolicy()} */
  readonly policy?: AnyPolicy;
  /**
   * Calls the pool runs at a time, and workers at most, 1 to 1,024. Default: the cores this
   * process may use, by affinity and container quota.
   */
  readonly cpuParallelism?: number;
  /** Workers that are started at once and kept, 0 to `cpuParallelism`. @default {0} */
  readonly minWorkers?: number;
  /** Jobs that may wait for the pool, gathering batches included, 1 to 1,000,000. @default {512} */
  readonly cpuQueueCapacity?: number;
  /** Spawned jobs that are unsettled at a time, 1 to 1,000,000. @default {64} */
  readonly spawnConcurrency?: number;
  /** Spawned jobs that may wait, 1 to 1,000,000. @default {1024} */
  readonly spawnQueueCapacity?: number;
  /** Time inline runs may take in one turn of the event loop, in ms, 0 to 1,000. @default {8} */
  readonly inlineSliceMs?: number;
  /** Jobs in a batch at most, 1 to 10,000. @default {8} */
  readonly batchMaxSize?: number;
  /**
   * Time the first job of a batch waits for others at most, in ms, 0 to 60,000; never more than a
   * quarter of a job's latency budget. @default {10}
   */
  readonly batchMaxDelayMs?: number;
  /** A waiting job rises a level of priority each time this passes, in ms, above 0. @default {500} */
  readonly priorityAgeingMs?: number;
  /**
   * Idle workers end after this, in ms, above 0. Default: 30,000; 1,000 on Deno, where an idle
   * worker keeps the process alive.
   */
  readonly idleTimeoutMs?: number;
  /** Time a worker may take to start, in ms, above 0. @default {10000} */
  readonly workerStartTimeoutMs?: number;
  /**
   * Time an aborted job may go on before its worker is ended, in ms, >= 0. The caller never waits
   * for it. @default {Infinity}
   */
  readonly abortGraceMs?: number;
  /**
   * Jobs (a batch is one) after which a worker is replaced, against leaks in them, 1 to 1,000,000.
   * Default: never.
   */
  readonly maxJobsPerWorker?: number;
  /**
   * Heap in use above which a worker is replaced once it is idle, in bytes, >= 1,048,576. Only where
   * the runtime tells: Node and Deno. Default: never.
   */
  readonly maxWorkerHeapBytes?: number;
  /** Time the `teardown` of a job file may take in a worker, in ms, above 0. @default {1000} */
  readonly teardownMs?: number;
  /**
   * Workers that a kind may kill within a minute before its jobs are dropped
   * (`kind_quarantined`), 1 to 1,000,000 or `Infinity` for no limit. @default {3}
   */
  readonly quarantineAfter?: number;
  /** Time after which one job of such a kind may try again, in ms, above 0. @default {10000} */
  readonly quarantineMs?: number;
  /**
   * How calls travel to workers: `"shared_memory"`, `"messages"`, or `"auto"`, which is shared
   * memory wherever the runtime has any. @default {"auto"}
   */
  readonly transport?: Transport;
  /**
   * Threads that may be lost for good (Deno cannot stop a synchronous endless loop) before the
   * pool closes, >= 1. Default: `cpuParallelism`.
   */
  readonly maxLostWorkers?: number;
  /**
   * Whether times are measured: distributions and windows in `stats()`. Counters are kept anyway.
   * @default {true}
   */
  readonly metrics?: boolean;
  /** Hears of every job: traces and metrics, such as `otel(api)` of `helixrouter/otel`. */
  readonly telemetry?: Telemetry;
  /** Seed of `load.draw(job)`, an integer from 0 to 4,294,967,295. @default {1} */
  readonly seed?: number;
  /**
   * Makes a worker whose entry calls `serveJobs(jobs)`, for bundlers and compiled binaries.
   * Default: the built-in entry, which imports the job modules.
   */
  readonly worker?: () => unknown;
  /** Makes ports instead of workers, for laboratories. */
  readonly createPort?: PortFactory;
  /** All time the router sees. Default: the runtime's. */
  readonly clock?: Clock;
}

/** Options with every default filled in. */
export interface ResolvedOptions
  extends
    Required<Omit<RouterOptions, "telemetry" | "worker" | "createPort">>,
    Pick<RouterOptions, "telemetry" | "worker" | "createPort"> {
  readonly jobs: readonly Jobs[];
  /** What bounds the calls that run on workers at a time. */
  readonly semaphore: Semaphore;
}

/** Every option but `jobs`, with its range and its default. */
function optionsSchema(runtime: RuntimeDefaults) {
  return z.strictObject({
    policy: shape<AnyPolicy>(hasFunctions("decide"), 'a policy, with a "decide" function')
      .default(() => thresholdPolicy()),
    cpuParallelism: integer(1, 1_024).default(runtime.cpuParallelism),
    minWorkers: integer(0, 1_024).default(0),
    cpuQueueCapacity: LIMIT_SHAPES.cpuQueueCapacity.default(512),
    spawnConcurrency: LIMIT_SHAPES.spawnConcurrency.default(64),
    spawnQueueCapacity: LIMIT_SHAPES.spawnQueueCapacity.default(1_024),
    inlineSliceMs: LIMIT_SHAPES.inlineSliceMs.default(8),
    batchMaxSize: LIMIT_SHAPES.batchMaxSize.default(8),
    batchMaxDelayMs: LIMIT_SHAPES.batchMaxDelayMs.default(10),
    priorityAgeingMs: milliseconds().default(500),
    idleTimeoutMs: milliseconds().default(runtime.idleTimeoutMs),
    workerStartTimeoutMs: milliseconds().default(10_000),
    abortGraceMs: LIMIT_SHAPES.abortGraceMs.default(Infinity),
    maxJobsPerWorker: countOrNone().default(Infinity),
    maxWorkerHeapBytes: shape<number>(
      (value) => typeof value === "number" && value >= 1_048_576,
      "a number >= 1048576",
    ).default(Infinity),
    teardownMs: milliseconds().default(1_000),
    quarantineAfter: countOrNone().default(3),
    quarantineMs: milliseconds().default(10_000),
    transport: z.enum(TRANSPORTS, { error: `one of ${TRANSPORTS.join(", ")}` }).default("auto"),
    maxLostWorkers: integer(1, MANY).optional(),
    metrics: z.boolean({ error: "true or false" }).default(true),
    telemetry: shape<Telemetry>(
      hasFunctions("submitted"),
      'a telemetry, with a "submitted" function',
    ).optional(),
    seed: integer(0, 4_294_967_295).default(1),
    worker: shape<() => unknown>(isFunction, "a function that makes a worker").optional(),
    createPort: shape<PortFactory>(isFunction, "a function that makes a port").optional(),
    clock: shape<Clock>(
      hasFunctions("now", "setTimer", "post"),
      'a clock, with "now", "setTimer" and "post"',
    ).default(() => runtime.clock),
  });
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {InvalidOptionError} If one is wrong, unknown or missing.
 */
export function resolveOptions(options: RouterOptions, runtime: RuntimeDefaults): ResolvedOptions {
  if (typeof options !== "object" || options === null) {
    throw new InvalidOptionError("options", options, 'an object with at least "jobs"');
  }
  const { jobs, ...rest } = options;
  const schema = optionsSchema(runtime);
  const result = schema.safeParse(rest);
  if (!result.success) throw toOptionError(result.error.issues[0], rest, Object.keys(schema.shape));
  const resolved = result.data;
  if (resolved.minWorkers > resolved.cpuParallelism) {
    const wanted = `at most "cpuParallelism" (${resolved.cpuParallelism})`;
    throw new InvalidOptionError("minWorkers", resolved.minWorkers, wanted);
  }
  return {
    ...resolved,
    maxLostWorkers: resolved.maxLostWorkers ?? resolved.cpuParallelism,
    jobs: checkJobs(jobs),
    semaphore: new Semaphore(resolved.cpuParallelism),
  };
}

function checkJobs(value: unknown): readonly Jobs[] {
  const sets: readonly unknown[] = Array.isArray(value) ? value : [value];
  const seen = new Map<string, AnyKind>();
  for (const set of sets) {
    if (jobsVersion(set) !== PROTOCOL_VERSION) {
      const wanted = `what "defineJobs" of this version (protocol ${PROTOCOL_VERSION}) gives`;
      throw new InvalidOptionError("jobs", set, wanted);
    }
    for (const [name, kind] of Object.entries((set as Jobs).kinds)) {
      if (seen.has(name)) {
        throw new InvalidOptionError("jobs", name, "sets with no kind in common");
      }
      seen.set(name, kind);
    }
  }
  if (seen.size === 0) throw new InvalidOptionError("jobs", value, "at least one kind");
  return sets as readonly Jobs[];
}
