import { NestedRouterError } from "../errors.ts";
import { HelixRouter } from "../helix_router.ts";
import type { Jobs } from "../define/jobs.ts";
import { isImporting } from "../define/nesting.ts";
import { loadBuilder } from "./load_builder.ts";
import type { RunTimeModel } from "../model/model.ts";
import { type JobSets, resolveOptions, type RouterOptions } from "../options/options.ts";
import { importBuiltins } from "../runtime/builtin.ts";
import { runtimeDefaults } from "../runtime/host.ts";
import { startAhead } from "./start_ahead.ts";

/** The kinds of one set of jobs, or of several. */
export type KindsOf<J> = J extends Jobs<infer K> ? K
  : J extends readonly Jobs<infer K>[] ? UnionToIntersection<K>
  : never;

/** The intersection of the members of a union. */
export type UnionToIntersection<U> = (U extends unknown ? (value: U) => void : never) extends
  (value: infer I) => void ? I : never;

/**
 * Creates a router.
 *
 * Resolves once the workers that are always kept (`minWorkers`) have loaded their jobs. Close the
 * router when it is no longer needed: `await router.close()`, or `await using router = …`.
 *
 * @example Usage
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ double: { cost: 1, run: (input: { n: number }) => input.n * 2 } });
 * const router = await createRouter({ jobs });
 * const outcome = await router.submit("double", { n: 21 });
 * assert.equal(outcome.status === "completed" && outcome.output, 42);
 * await router.close();
 * ```
 *
 * @typeParam J The jobs.
 * @param options `jobs`, and the options that differ from their defaults.
 * @returns The router.
 * @throws {InvalidOptionError} If an option is invalid, unknown, inherited or missing.
 * @throws {JobModuleError} If a lazy schema or, with `minWorkers`, a job module cannot be loaded.
 * @throws {WorkerCrashedError} If, with `minWorkers`, no worker started in three attempts.
 * @throws {NestedRouterError} If a worker is importing the module that calls this.
 */
export function createRouter<const J extends JobSets>(
  options: RouterOptions<J>,
): Promise<HelixRouter<KindsOf<J>>> {
  return toldApart(createRouterWith(options));
}

let refusals: PropertyDescriptorMap | undefined;

/**
 * A promise of a router whose methods say that it is none. They are made once: an edge host has a router per
 * request.
 */
function toldApart<T>(promise: Promise<T>): Promise<T> {
  return Object.defineProperties(promise, refusals ??= refusalsFor(promise));
}

function refusalsFor(promise: object): PropertyDescriptorMap {
  const made: PropertyDescriptorMap = {};
  const methods = Object.getOwnPropertyDescriptors(HelixRouter.prototype);
  for (const [name, { value }] of Object.entries(methods)) {
    if (name in promise || value === undefined) continue;
    const refuse = (): never => {
      throw new TypeError(`Cannot call ${name}() of a promise: write "await createRouter(…)"`);
    };
    made[name] = { value: refuse };
  }
  return made;
}

/** The same with a model of run times of one's own, of so many kinds. */
export async function createRouterWith<const J extends JobSets>(
  options: RouterOptions<J>,
  createModel?: (kinds: number) => RunTimeModel,
): Promise<HelixRouter<KindsOf<J>>> {
  if (isImporting()) throw new NestedRouterError();
  const imported = importBuiltins();
  if (imported !== undefined) await imported;
  const defaults = runtimeDefaults();
  const resolved = resolveOptions(options, defaults);
  const headStart = startAhead(resolved);
  try {
    const { buildRouter } = await loadBuilder();
    return await buildRouter(resolved, defaults, headStart?.next, createModel);
  } finally {
    headStart?.drop();
  }
}
