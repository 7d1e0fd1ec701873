import { isObject } from "../check.ts";
import type { Clock } from "../clock.ts";
import { type AnyKind, type Jobs, jobsVersion, PROTOCOL_VERSION } from "../define/jobs.ts";
import { InvalidOptionError, TWO_VERSIONS } from "../errors.ts";
import type { Telemetry } from "../observe/telemetry.ts";
import type { AnyPolicy } from "../policy/policy.ts";
import { adaptivePolicy } from "../policy/adaptive/adaptive.ts";
import type { RuntimeDefaults } from "../runtime_defaults.ts";
import { PERMITS, Semaphore } from "../semaphore.ts";
import type { PortFactory, Transport } from "../transport/port.ts";
import { type Check, checkOptions } from "./check_options.ts";
import { type OptionRow, optionTable } from "./option_table.ts";
import type { RouterState } from "./saved_state.ts";
import { type ResourceLimits, type WorkerOptions, workerOptions } from "./worker_options.ts";

/** One set of jobs, or several with no kind in common. */
// deno-lint-ignore no-explicit-any
export type JobSets = Jobs<any> | readonly Jobs<any>[];

/** Options of `createRouter()`. All but `jobs` have defaults; {@linkcode optionTable} has them all. */
export interface RouterOptions<J extends JobSets = JobSets> {
  /** The kinds of jobs: what `defineJobs()` gave, one set or several with no kind in common. */
  readonly jobs: J;
  /** What decides how a job runs. Default: `adaptivePolicy()`. */
  readonly policy?: AnyPolicy;
  /**
   * Calls the pool runs at a time, and workers at most; a `Semaphore` to share them among routers, 1 to
   * 1,024; with `createPort` up to 65,536. Default: the cores this process may use, by affinity and
   * container quota; on a page one less, 8 at most.
   */
  readonly cpuParallelism?: number | Semaphore;
  /**
   * Workers that are started at once and kept, at most `cpuParallelism`, 0 to 1,024.
   *
   * @default {0}
   */
  readonly minWorkers?: number;
  /**
   * Jobs that may wait for the pool, gathering batches included, 1 to 1,000,000.
   *
   * @default {10000}
   */
  readonly cpuQueueCapacity?: number;
  /**
   * Jobs that may wait for room, 1 to 1,000,000, if they were submitted with `whenFull: "wait"`. A further one
   * is dropped (`wait_full`).
   *
   * @default {10000}
   */
  readonly waitCapacity?: number;
  /**
   * Spawned jobs that are unsettled at a time, and as many asynchronous inline ones; each such kind has a learned
   * limit, too, 1 to 1,000,000.
   *
   * @default {1000}
   */
  readonly spawnConcurrency?: number;
  /** Spawned jobs that may wait, 1 to 1,000,000. @default {10000} */
  readonly spawnQueueCapacity?: number;
  /**
   * Time inline runs may take in one turn of the event loop, bursts of runs under 10 µs aside, in ms, 0 to 1,000.
   * @default {8}
   */
  readonly inlineSliceMs?: number;
  /** Jobs in a batch at most, 1 to 10,000. @default {8} */
  readonly batchMaxSize?: number;
  /**
   * Time the first job of a batch waits for others, at most a quarter of a budget, in ms, 0 to 60,000.
   *
   * @default {10}
   */
  readonly batchMaxDelayMs?: number;
  /**
   * Time in which a waiting job rises by one level of priority, in ms, above 0 and at most
   * 2,147,483,647.
   *
   * @default {500}
   */
  readonly priorityAgeingMs?: number;
  /**
   * Time after which an idle worker ends, in ms, above 0 and at most 2,147,483,647. Default: 30,000;
   * 1,000 on Deno, where an idle worker keeps the process alive.
   */
  readonly idleTimeoutMs?: number;
  /**
   * Time a worker may take to start, in ms, above 0 and at most 2,147,483,647.
   *
   * @default {10000}
   */
  readonly workerStartTimeoutMs?: number;
  /**
   * Time an aborted job may go on before its worker is ended, in ms, 0 to 2,147,483,647 or
   * `Infinity`. The caller never waits for it. Default: `Infinity`; 100 on a page that is not cross-origin isolated.
   */
  readonly abortGraceMs?: number;
  /**
   * Jobs (a batch is one) after which a worker is replaced, against leaks, 1 to 1,000,000 or
   * `Infinity`.
   *
   * @default {Infinity}
   */
  readonly maxJobsPerWorker?: number;
  /**
   * Heap in use above which an idle worker is replaced, on Node and Deno, in bytes, >= 1,048,576 or
   * `Infinity`. Other runtimes do not tell how much is in use.
   *
   * @default {Infinity}
   */
  readonly maxWorkerHeapBytes?: number;
  /**
   * Time the `teardown` of a job file may take in a worker, in ms, above 0 and at most
   * 2,147,483,647.
   *
   * @default {1000}
   */
  readonly teardownMs?: number;
  /**
   * Workers a kind may kill within a minute before its jobs are dropped, 1 to 1,000,000 or
   * `Infinity`. They are dropped as `kind_quarantined`.
   *
   * @default {3}
   */
  readonly quarantineAfter?: number;
  /**
   * Time after which one job of a quarantined kind may try again, in ms, above 0 and at most
   * 2,147,483,647.
   *
   * @default {10000}
   */
  readonly quarantineMs?: number;
  /**
   * How calls travel to workers; `"auto"` is shared memory where there is any, but not on pages.
   *
   * @default {"auto"}
   */
  readonly transport?: Transport;
  /**
   * Where inputs and outputs are cloned: on the way to workers, or on every lane. With `"always"` a job gives the
   * same output wherever it runs; `workersHere()` of `helixrouter/testing` turns that on.
   *
   * @default {"workers"}
   */
  readonly clone?: "workers" | "always";
  /**
   * Threads that may be lost at a time before the pool closes, 1 to 1,000,000. A thread is lost while
   * it goes on though its worker was ended: in a native call, on Deno also in a synchronous loop. The pool
   * opens again when fewer are lost. Default: the larger of 2 and `cpuParallelism`.
   */
  readonly maxLostWorkers?: number;
  /**
   * Whether times are measured; counters are kept anyway. Distributions and windows in `stats()`
   * need it.
   *
   * @default {true}
   */
  readonly metrics?: boolean;
  /** Hears of every job, such as `otel(api)` of `helixrouter/otel`. Default: none. */
  readonly telemetry?: Telemetry;
  /**
   * Seed of `load.draw(job)`, the only randomness a policy has, 0 to 4,294,967,295.
   *
   * @default {1}
   */
  readonly seed?: number;
  /**
   * Makes a worker whose entry calls `serveJobs(jobs)`, for bundlers and compiled binaries. Default:
   * the built-in entry, which imports the job modules.
   */
  readonly worker?: () => unknown;
  /**
   * Environment of workers, on Node and Bun: `process.env` there; add to `{ ...process.env }` what the
   * jobs need. It is read once. Default: the process's.
   */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Name of workers, for debuggers. Default: none. */
  readonly name?: string;
  /**
   * Memory limits of workers, on Node. A worker that reaches one crashes alone, and its job fails with a
   * `WorkerCrashedError` that says so. Default: the runtime's.
   */
  readonly resourceLimits?: ResourceLimits;
  /** Makes ports instead of workers, for simulations and tests. Default: ports on workers. */
  readonly createPort?: PortFactory;
  /**
   * What `router.exportState()` gave. Unknown kinds are ignored; if anything else is
   * wrong, none of it is used, and a warning is written. Default: none.
   */
  readonly state?: RouterState;
  /** All time the router sees. Default: the runtime's. */
  readonly clock?: Clock;
}

/** Options with every default filled in. */
export interface ResolvedOptions extends
  Required<
    Omit<RouterOptions, "telemetry" | "worker" | "createPort" | "state" | keyof WorkerOptions>
  >,
  Pick<RouterOptions, "telemetry" | "worker" | "createPort" | "state" | keyof WorkerOptions> {
  readonly jobs: readonly Jobs[];
  /** What bounds the calls that run on workers at a time; the router's own unless `isShared`. */
  readonly semaphore: Semaphore;
  readonly isShared: boolean;
  /** Its permits at first. */
  readonly cpuParallelism: number;
}

/** What has a default of its own, whatever the runtime and the other options. */
type Defaults = Omit<
  ResolvedOptions,
  | "jobs"
  | "policy"
  | "cpuParallelism"
  | "semaphore"
  | "isShared"
  | "idleTimeoutMs"
  | "abortGraceMs"
  | "maxLostWorkers"
  | "clock"
>;

const ROWS: readonly OptionRow[] = Object.values(optionTable);
/** Of ports there may be more than the table says. */
const CHECKS: readonly Check[] = ROWS.map((row) =>
  row.name === "cpuParallelism" ? { ...row, range: PERMITS } : row
);
const DEFAULTS = Object.fromEntries(
  ROWS.map((row) => [row.name, row.default]),
) as Partial<Defaults> as Defaults;

/**
 * Checks the options and fills in the defaults.
 *
 * @throws {InvalidOptionError} If one is wrong, unknown, inherited or missing.
 */
export function resolveOptions(options: RouterOptions, runtime: RuntimeDefaults): ResolvedOptions {
  if (!isObject(options) || jobsVersion(options) !== undefined) {
    throw new InvalidOptionError("options", options, "an object such as { jobs }");
  }
  const given = checkOptions<RouterOptions>(options, CHECKS, "create router");
  const { cpuParallelism = runtime.cpuParallelism, ...rest } = given;
  const isShared = typeof cpuParallelism !== "number";
  const permits = isShared ? cpuParallelism.permits : cpuParallelism;
  const { minWorkers = DEFAULTS.minWorkers } = given;
  if (minWorkers > permits) {
    throw new InvalidOptionError("minWorkers", minWorkers, `at most "cpuParallelism" (${permits})`);
  }
  if (!mayHaveWorkers(permits, given)) {
    const { range, wanted } = optionTable.cpuParallelism;
    const semaphore = `a Semaphore of at most ${range!.max} permits`;
    const either = isShared ? semaphore : `${wanted}, or a Semaphore`;
    throw new InvalidOptionError("cpuParallelism", permits, either);
  }
  const { idleTimeoutMs, abortGraceMs, clock } = runtime;
  return {
    ...DEFAULTS,
    policy: adaptivePolicy(),
    idleTimeoutMs,
    abortGraceMs,
    clock,
    maxLostWorkers: Math.max(2, permits),
    clone: given.createPort?.clone ?? DEFAULTS.clone,
    ...rest,
    ...workerOptions(given, runtime.workerOptions),
    cpuParallelism: permits,
    semaphore: isShared ? cpuParallelism : new Semaphore(permits),
    isShared,
    jobs: checkJobs(given.jobs),
  };
}

/** Whether a pool may have so many workers: there may be more ports than threads. */
export function mayHaveWorkers(count: number, options: Pick<RouterOptions, "createPort">): boolean {
  return count <= optionTable.cpuParallelism.range!.max || options.createPort !== undefined;
}

function checkJobs(value: unknown): readonly Jobs[] {
  const sets: readonly unknown[] = Array.isArray(value) ? value : [value];
  const seen = new Map<string, AnyKind>();
  for (const set of sets) {
    const version = jobsVersion(set);
    if (version !== PROTOCOL_VERSION) {
      const { wanted } = optionTable.jobs;
      const why = version === undefined
        ? ", awaited; of a module, its default export"
        : `, not of protocol ${version}: ${TWO_VERSIONS}`;
      throw new InvalidOptionError("jobs", set, wanted + why);
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
