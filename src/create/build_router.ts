import type { AnyKind, Jobs } from "../define/jobs.ts";
import { InvalidOptionError, JobModuleError } from "../errors.ts";
import { HelixRouter } from "../helix_router.ts";
import { RunTimeModel } from "../model/model.ts";
import type { ResolvedOptions } from "../options/options.ts";
import { Router } from "../router.ts";
import { hasModule, hasWorkers } from "../runtime/host.ts";
import { portFactory, transportFor } from "../runtime/ports.ts";
import type { RuntimeDefaults } from "../runtime_defaults.ts";
import type { StandardSchema } from "../schema.ts";
import { KindInfo } from "../submit/kind.ts";
import { clonedKind } from "../transport/cloned_kind.ts";
import type { StartThread } from "../transport/thread.ts";
import { warmUp } from "./warm_up.ts";

/**
 * Builds a router of checked options; resolves once its workers that are always kept are ready.
 *
 * @param start Starts workers, the first of which has started already; `undefined` if none has.
 * @param createModel Makes the model of run times of so many kinds. Default: the router's.
 */
export async function buildRouter<K>(
  resolved: ResolvedOptions,
  defaults: RuntimeDefaults,
  start?: StartThread,
  createModel?: (kinds: number) => RunTimeModel,
): Promise<HelixRouter<K>> {
  const { createPort: ownPort, jobs, minWorkers } = resolved;
  const hasPool = ownPort !== undefined || hasWorkers;
  if (!hasPool && minWorkers > 0) {
    throw new InvalidOptionError("minWorkers", minWorkers, "0, as this runtime has no workers");
  }
  const transport = transportFor(resolved.transport);
  const kinds: KindInfo[] = [];
  for (const set of jobs) await addKinds(kinds, set, resolved, hasPool);
  const createPort = ownPort ?? portFactory(jobs, { ...resolved, transport }, start);
  const taken = ownPort === undefined && hasWorkers ? transport : undefined;
  const model = createModel?.(kinds.length) ?? new RunTimeModel(kinds.length);
  const router = new Router(kinds, model, resolved, createPort, defaults, taken);
  const facade = new HelixRouter<K>(router);
  const error = await new Promise<Error | null>((resolve) => {
    router.pool.warm(resolve, start === undefined ? 0 : 1);
    if (minWorkers > 0 && resolved.clock === defaults.clock) warmUp(defaults);
  });
  if (error !== null) {
    await facade.close({ drainMs: 0 });
    throw error;
  }
  return facade;
}

async function addKinds(
  kinds: KindInfo[],
  set: Jobs,
  { worker, createPort, clone }: ResolvedOptions,
  hasPool: boolean,
): Promise<void> {
  const isShared = hasModule(set, worker ?? createPort);
  for (const [name, kind] of Object.entries(set.kinds)) {
    const schema = await loadSchema(name, kind.input);
    const body = clone === "always" ? clonedKind(kind) : kind;
    const info = new KindInfo(name, kinds.length, kind, schema, isShared && hasPool, body);
    info.lacksWorkers = set.module !== undefined && !hasPool;
    kinds.push(info);
  }
}

/** Loads the schema of a kind, if it is a function that imports one. */
async function loadSchema(
  kind: string,
  input: AnyKind["input"],
): Promise<StandardSchema | undefined> {
  if (input === undefined) return undefined;
  let schema: unknown = input;
  if (typeof input === "function" && !("~standard" in input)) {
    try {
      const loaded: unknown = await input();
      schema = (loaded as { default?: unknown })?.default ?? loaded;
    } catch (cause) {
      throw new JobModuleError(`Cannot load schema of kind "${kind}": ${cause}`, { cause });
    }
  }
  if (typeof (schema as StandardSchema)?.["~standard"]?.validate === "function") {
    return schema as StandardSchema;
  }
  throw new JobModuleError(
    `Cannot use schema of kind "${kind}" as it must be a Standard Schema: received ${typeof schema}`,
  );
}
