import type { JobContext, Kind, SchemaModule } from "./jobs.ts";
import type { Movable } from "../movable.ts";
import type { StandardSchema } from "../schema.ts";

/** The part of a definition that says what `submit()` takes, by kind. */
export type KindInputs<I> = {
  readonly [N in keyof I]: {
    /**
     * Any Standard Schema (zod, valibot, arktype), or a function that imports one. It runs on the
     * router's side only; a worker receives the validated value. The function form keeps the schema
     * library out of the workers.
     */
    // deno-lint-ignore no-explicit-any
    readonly input?: StandardSchema<I[N], any> | (() => Promise<SchemaModule<I[N], any>>);
  };
};

/** The part of a definition that says what `run` receives, by kind. */
export type KindBodies<P> = {
  readonly [N in keyof P]: {
    /**
     * Any Standard Schema (zod, valibot, arktype), or a function that imports one. It runs on the
     * router's side only; a worker receives the validated value. The function form keeps the schema
     * library out of the workers.
     */
    readonly input?:
      // deno-lint-ignore no-explicit-any
      | StandardSchema<any, P[N]>
      // deno-lint-ignore no-explicit-any
      | (() => Promise<SchemaModule<any, P[N]>>);
    /**
     * Cost of a job, >= 0; unknown if absent. Policies compare it with thresholds shared by all
     * kinds: count elementary steps of a few ns each.
     */
    readonly cost?: number | ((input: P[N]) => number);
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
    readonly transfer?: (input: P[N]) => Movable[];
    /** Runs a job, synchronously or asynchronously. */
    readonly run: (input: P[N], context: JobContext) => unknown;
    /**
     * Runs several jobs in one call: returns as many outputs as inputs, in order. An `Error` among
     * them fails that job only.
     */
    readonly runBatch?: (inputs: readonly P[N][], context: JobContext) => unknown;
  };
};

/** The part of a definition that says what a job returns, by kind. */
export type KindOutputs<O> = {
  readonly [N in keyof O]: {
    /**
     * Objects in the output that are transferred from the worker instead of cloned. Annotate the
     * parameter: `(output: Uint8Array) => [output.buffer]`.
     */
    readonly transferOutput?: (output: never) => Movable[];
    /** Runs a job, synchronously or asynchronously. */
    readonly run: (input: never, context: JobContext) => O[N] | Promise<O[N]>;
    /**
     * Runs several jobs in one call: returns as many outputs as inputs, in order. An `Error` among
     * them fails that job only.
     */
    readonly runBatch?: (
      inputs: never,
      context: JobContext,
    ) => readonly (NoInfer<O[N]> | Error)[] | Promise<readonly (NoInfer<O[N]> | Error)[]>;
  };
};

/** The kinds that {@linkcode defineJobs} makes of a definition. */
export type DefinedKinds<I, P, O> = {
  readonly [N in keyof P]: Kind<
    N extends keyof I ? unknown extends I[N] ? P[N] : I[N] : P[N],
    N extends keyof O ? O[N] : never,
    P[N]
  >;
};
