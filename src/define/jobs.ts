/**
 * Job files: a set of kinds, defined once for the main thread and the workers.
 *
 * This module is small on purpose: workers import it too.
 *
 * ```ts
 * import { defineJobs } from "helixrouter/jobs";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({
 *   double: { cost: 1, run: (input: { n: number }) => input.n * 2 },
 * });
 * assert.equal(jobs.kinds.double.run({ n: 21 }, undefined as never), 42);
 * ```
 *
 * @module
 */

import { isObject } from "../check.ts";
import type { Movable } from "../movable.ts";
import type { StandardSchema } from "../schema.ts";
import type { TraceContext } from "../trace_context.ts";
import type { Cloned } from "./cloned.ts";
import type { DefinedKinds, KindBodies, KindInputs, KindOutputs } from "./kind_shapes.ts";
import { cannotDefine, ownHooks, ownKind } from "./own_kind.ts";

export type { Cloned } from "./cloned.ts";
export type { DefinedKinds, KindBodies, KindInputs, KindOutputs } from "./kind_shapes.ts";
export type { Movable } from "../movable.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "../schema.ts";
export type { TraceContext } from "../trace_context.ts";

/** What a job receives besides its input. */
export interface JobContext {
  /**
   * Aborted when the caller aborts, the run times out or the router closes. Created on first
   * access, so a job that never uses it does not pay for it.
   */
  readonly signal: AbortSignal;
  /**
   * Returns whether the job was aborted. In a worker it reads shared memory where available, so
   * that a synchronous loop can poll it and stop. On the router's own thread a synchronous loop
   * blocks any abort: there it returns `false` as long as the loop runs.
   */
  readonly isAborted: () => boolean;
  /**
   * Reports progress to the caller's `onProgress`; in a batch, to that of every job. From a worker,
   * the value is cloned.
   */
  readonly report: (progress: unknown) => void;
  /**
   * The job's trace context, on every lane: extract it with your tracing library to create child
   * spans of the run, in a worker, too. In a batch, that of the first job. `undefined` if the
   * router has no `telemetry`, or that has no trace.
   */
  readonly trace: TraceContext | undefined;
  /** The trace contexts of all jobs in the call, in order; empty if none has one. */
  readonly traces: readonly (TraceContext | undefined)[];
}

/**
 * One kind of job.
 *
 * @typeParam In What `submit()` takes.
 * @typeParam Out What the job returns.
 * @typeParam Parsed What `run` receives, after validation.
 */
export interface Kind<In, Out, Parsed = In> {
  /**
   * Any Standard Schema (zod, valibot, arktype), or a function that imports one. It runs on the
   * router's side only; a worker receives the validated value. The function form keeps the schema
   * library out of the workers.
   */
  readonly input?: StandardSchema<In, Parsed> | (() => Promise<SchemaModule<In, Parsed>>);
  /**
   * Cost of a job, >= 0; unknown if absent. Policies compare it with thresholds shared by all
   * kinds: count elementary steps of a few ns each.
   */
  readonly cost?: number | ((input: Parsed) => number);
  /** Parallel payoff, from 0 to 1. @default {0.5} */
  readonly scaling?: number;
  /** Maximum run time, in ms, above 0 and at most 2,147,483,647; no limit if absent. */
  readonly runTimeoutMs?: number;
  /** Time from submit to outcome, in ms, above 0, at most 2,147,483,647; no budget if absent. */
  readonly latencyBudgetMs?: number;
  /** Priority: an integer from 0 to 9, 9 first. @default {5} */
  readonly priority?: number;
  /**
   * How many jobs of the kind this router runs at a time, on all lanes together: an integer from 1 to
   * 1,000,000; a batch counts as one. Others wait, and hold back no other kind. No limit if absent.
   */
  readonly concurrency?: number;
  /** The same for the jobs of each `key`; those without one count as of one key. No limit if absent. */
  readonly concurrencyPerKey?: number;
  /** Whether a batch lost with its worker may be rerun, item by item. @default {false} */
  readonly idempotent?: boolean;
  /** Objects in the input that are transferred to the worker instead of cloned. */
  readonly transfer?: (input: Parsed) => Movable[];
  /** Objects in the output that are transferred from the worker instead of cloned. */
  transferOutput?(output: Out): Movable[]; // a method, so that a kind without an output is a kind, too
  /** Runs a job, synchronously or asynchronously. */
  readonly run: (input: Parsed, context: JobContext) => Out | Promise<Out>;
  /**
   * Runs several jobs in one call: returns as many outputs as inputs, in order. An `Error` among
   * them fails that job only.
   */
  readonly runBatch?: (
    inputs: readonly Parsed[],
    context: JobContext,
  ) => readonly (Out | Error)[] | Promise<readonly (Out | Error)[]>;
}

/** What a lazy `input` may resolve to: a schema, or a module whose default export is one. */
export type SchemaModule<In, Parsed> =
  | StandardSchema<In, Parsed>
  | { readonly default: StandardSchema<In, Parsed> };

/** A kind with any input and output. */
// deno-lint-ignore no-explicit-any
export type AnyKind = Kind<any, any, any>;

/** A set of kinds. Recognised by {@linkcode JOBS_MARK}, never by its class. */
export interface Jobs<K = Readonly<Record<string, AnyKind>>> {
  /**
   * URL of the module that default-exports this set; empty where that is unknown: only a `worker` of one's own has
   * its kinds. Absent for kinds of this thread only.
   */
  readonly module: string | undefined;
  /** The kinds by name. */
  readonly kinds: K;
  /** Runs in each worker before it takes jobs. */
  readonly setup?: () => unknown;
  /** Runs in each worker before it exits. */
  readonly teardown?: () => unknown;
}

/** Hooks that run in each worker. */
export interface WorkerHooks {
  /**
   * Runs in each worker before it takes jobs, and is awaited: to open what jobs need, to warm up.
   * If it throws, the worker does not start (`JobModuleError`).
   */
  readonly setup?: () => unknown;
  /**
   * Runs in each worker that exits while idle (released, recycled, closed), and is awaited for at
   * most `teardownMs`. Not run if a worker crashes, or is terminated for a job that does not stop.
   */
  readonly teardown?: () => unknown;
}

/** What `submit()` takes for a kind. */
// deno-lint-ignore no-explicit-any
export type InputOf<K> = K extends Kind<infer In, any, any> ? In : never;

/** What a kind returns. */
// deno-lint-ignore no-explicit-any
export type OutputOf<K> = K extends Kind<any, infer Out, any> ? Out : never;

/** Symbol that marks a set of jobs, the same for all copies of this package. */
export const JOBS_MARK: unique symbol = Symbol.for("helixrouter.jobs") as never;

/** Version of the protocol between a router and its workers. */
export const PROTOCOL_VERSION = 1;

/**
 * Defines a set of kinds that can run in workers. Put it in a file of its own and make it the
 * default export: the workers import that file.
 *
 * @example Usage
 * ```ts
 * import { defineJobs } from "helixrouter/jobs";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs(import.meta.url, {
 *   square: { cost: (input) => input.n, run: (input: { n: number }) => input.n ** 2 },
 * });
 * assert.equal(jobs.module, import.meta.url);
 * ```
 *
 * @typeParam I Inputs as submitted, by kind.
 * @typeParam P Inputs as `run` receives them, by kind.
 * @typeParam O Outputs, by kind; the set has them as they arrive from a worker.
 * @param url The file's own `import.meta.url`; in CommonJS, `pathToFileURL(__filename)`. Where it is `undefined`, as
 * in bundles that are no modules, workers need an entry of their own: see the option `worker`.
 * @param kinds The kinds by name.
 * @param hooks Hooks that run in each worker.
 * @returns The set, to be default-exported.
 * @throws {TypeError} If `url` is not an absolute URL, a key of a kind is invalid, unknown or
 * inherited, or a hook is not a function.
 */
export function defineJobs<I, P, O>(
  url: string | URL,
  kinds: KindInputs<I> & KindBodies<P> & KindOutputs<O>,
  hooks?: WorkerHooks,
): Jobs<DefinedKinds<I, P, { readonly [N in keyof O]: Cloned<O[N]> }>>;
/**
 * Defines kinds of this thread only: they run inline, spawned or in a batch here, never in a
 * worker.
 *
 * @typeParam I Inputs as submitted, by kind.
 * @typeParam P Inputs as `run` receives them, by kind.
 * @typeParam O Outputs, by kind.
 * @param kinds The kinds by name.
 * @returns The set.
 * @throws {TypeError} If a key of a kind is invalid, unknown or inherited.
 */
export function defineJobs<I, P, O>(
  kinds: KindInputs<I> & KindBodies<P> & KindOutputs<O>,
): Jobs<DefinedKinds<I, P, O>>;
export function defineJobs(first: unknown, second?: unknown, third?: unknown): Jobs {
  // In bundles that are no modules, and on some edge hosts, there is no `import.meta.url`.
  const isUnknown = first === undefined && second !== undefined;
  const isUrl = typeof first === "string" || second !== undefined && hasHref(first);
  const url = isUnknown ? "" : isUrl ? String(first) : undefined;
  const kinds = url === undefined ? first : second;
  // A single letter is a drive of Windows.
  if (isUrl && !/^[a-z][a-z0-9+.-]+:/i.test(url!)) {
    const wanted = '"import.meta.url", in CommonJS "pathToFileURL(__filename)"';
    throw cannotDefine(`the URL must be ${wanted}`, url!);
  }
  if (url === undefined && second !== undefined) {
    const wanted = '"import.meta.url", a string, as first argument';
    throw cannotDefine(`kinds with hooks or for workers need ${wanted}`, typeof first);
  }
  if (!isObject(kinds)) throw cannotDefine("the kinds must be an object", String(kinds));
  const own = Object.entries(kinds).map(([name, kind]) => [name, ownKind(name, kind)]);
  return Object.freeze({
    module: url,
    kinds: Object.freeze(Object.fromEntries(own)),
    ...ownHooks(url === undefined ? undefined : third),
    [JOBS_MARK]: PROTOCOL_VERSION,
  });
}

/** Whether it is a `URL`, of any realm. */
function hasHref(value: unknown): boolean {
  return typeof (value as { href?: unknown } | null)?.href === "string";
}

/**
 * Types a single kind, so that `run` can use its context without annotating it.
 *
 * @example Usage
 * ```ts
 * import { defineJobs, job } from "helixrouter/jobs";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({
 *   wait: job({ run: (input: { n: number }, { signal }) => signal.aborted ? 0 : input.n }),
 * });
 * assert.equal(typeof jobs.kinds.wait.run, "function");
 * ```
 *
 * @typeParam In What `submit()` takes.
 * @typeParam P What `run` receives.
 * @typeParam Out What the job returns.
 * @param definition The kind.
 * @returns The same kind, typed.
 */
export function job<In, P, Out>(
  definition:
    & {
      readonly input: StandardSchema<In, P> | (() => Promise<SchemaModule<In, P>>);
    }
    & Omit<Kind<In, Out, P>, "input">,
): Kind<In, Out, P>;
/**
 * Types one kind without a schema.
 *
 * @typeParam P What `submit()` takes and `run` receives.
 * @typeParam Out What the job returns.
 * @param definition The kind.
 * @returns The same kind, typed.
 */
export function job<P, Out>(
  definition: { readonly input?: undefined } & Omit<Kind<P, Out, P>, "input">,
): Kind<P, Out, P>;
export function job(definition: AnyKind): AnyKind {
  return definition;
}

/**
 * Returns the protocol version of a set of jobs.
 *
 * @param value Anything, such as a module's default export.
 * @returns The version, or `undefined` if the value is not a set of jobs.
 */
export function jobsVersion(value: unknown): number | undefined {
  const { [JOBS_MARK]: version } = Object(value);
  return typeof version === "number" ? version : undefined;
}
