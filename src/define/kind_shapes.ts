import type { JobContext, Kind, SchemaModule } from "./jobs.ts";
import type { Movable } from "../movable.ts";
import type { StandardSchema } from "../schema.ts";

/** The part of a definition that tells what `submit()` takes, by kind. */
export type KindInputs<I> = {
  readonly [N in keyof I]: {
    /**
     * Any Standard Schema (zod, valibot, arktype), or a function that imports one. It runs on the
     * router's side only; a worker gets the validated value. The function form keeps the schema
     * library out of the workers.
     */
    // deno-lint-ignore no-explicit-any
    readonly input?: StandardSchema<I[N], any> | (() => Promise<SchemaModule<I[N], any>>);
  };
};

/** The part of a definition that tells what `run` sees, by kind. */
export type KindBodies<P> = {
  readonly [N in keyof P]: {
    /**
     * Any Standard Schema (zod, valibot, arktype), or a function that imports one. It runs on the
     * router's side only; a worker gets the validated value. The function form keeps the schema
     * library out of the workers.
     */
    readonly input?:
      // deno-lint-ignore no-explicit-any
      | StandardSchema<any, P[N]>
      // deno-lint-ignore no-explicit-any
      | (() => Promise<SchemaModule<any, P[N]>>);
    /**
     * Size of a job, >= 0; unknown when absent. Policies compare it with limits that are the same for
     * all kinds: count elementary steps, of some ns each.
     */
    readonly cost?: number | ((input: P[N]) => number);
    /** Parallel payoff from 0 to 1. @default {0.5} */
    readonly scaling?: number;
    /** Time a run may take, in ms, above 0 and at most 2,147,483,647; no limit when absent. */
    readonly runTimeoutMs?: number;
    /** Time a job of this kind may take from submit to outcome, in ms; no budget when absent. */
    readonly latencyBudgetMs?: number;
    /** Integer from 0 to 9, 9 first. @default {5} */
    readonly priority?: number;
    /** A batch lost with its worker may be run again, item by item. @default {false} */
    readonly idempotent?: boolean;
    /** Objects in the input that are moved to the worker instead of being copied. */
    readonly transfer?: (input: P[N]) => Movable[];
    /** Does the work, synchronously or not. */
    readonly run: (input: P[N], context: JobContext) => unknown;
    /**
     * Does the work of several jobs in one call: as many results as inputs, in order. An `Error` in
     * a place fails that job alone.
     */
    readonly runBatch?: (inputs: readonly P[N][], context: JobContext) => unknown;
  };
};

/** The part of a definition that tells what a kind gives back. */
export type KindOutputs<O> = {
  readonly [N in keyof O]: {
    /**
     * Objects in the output that are moved back from the worker instead of being copied. Annotate
     * its parameter: `(output: Uint8Array) => [output.buffer]`.
     */
    readonly transferOutput?: (output: never) => Movable[];
    /** Does the work, synchronously or not. */
    readonly run: (input: never, context: JobContext) => O[N] | Promise<O[N]>;
    /**
     * Does the work of several jobs in one call: as many results as inputs, in order. An `Error` in
     * a place fails that job alone.
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
