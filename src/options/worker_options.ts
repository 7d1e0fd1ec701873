import { rangeOf } from "../check.ts";
import { InvalidOptionError } from "../errors.ts";
import { type Check, checkOptions } from "./check_options.ts";
import type { RouterOptions } from "./options.ts";

/** Limits of each worker, as `node:worker_threads` has them; the runtime's own where one is left out. */
export interface ResourceLimits {
  /** Heap of objects that live long, in MB, 16 to 1,000,000. A worker that needs more dies. */
  readonly maxOldGenerationSizeMb?: number;
  /** Heap of objects that are new, in MB, 1 to 1,000,000. */
  readonly maxYoungGenerationSizeMb?: number;
  /** Memory of compiled code, in MB, 1 to 1,000,000. */
  readonly codeRangeSizeMb?: number;
  /** Stack, in MB, 1 to 1,000; Node's default is 4. A job that needs more throws a `RangeError`. */
  readonly stackSizeMb?: number;
}

/** The options that the runtime is told as it starts a worker. */
export type WorkerOptions = Pick<RouterOptions, "env" | "name" | "resourceLimits">;

/** With less heap than that, or less than 0.5 MB of stack, Node may end the process as it starts a worker. */
const LIMITS: readonly Check[] = Object.entries(
  {
    maxOldGenerationSizeMb: [16, 1_000_000],
    maxYoungGenerationSizeMb: [1, 1_000_000],
    codeRangeSizeMb: [1, 1_000_000],
    stackSizeMb: [1, 1_000],
  } satisfies Record<keyof ResourceLimits, readonly [number, number]>,
).map(([name, [min, max]]) => ({ name, range: rangeOf(min, max) }));

/**
 * Checks and copies what workers are started with.
 *
 * @param able What the workers of this runtime can have.
 * @throws {InvalidOptionError} If one is wrong, or workers cannot have it.
 */
export function workerOptions(
  { env, name, resourceLimits, worker, createPort }: Partial<RouterOptions>,
  able: readonly string[],
): WorkerOptions {
  const options = {
    env: env && ownEnv(env),
    name,
    resourceLimits: resourceLimits &&
      checkOptions<ResourceLimits>(resourceLimits, LIMITS, "limit workers"),
  };
  const isOurs = (worker ?? createPort) === undefined;
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || isOurs && able.includes(option)) continue;
    const received = option === "env" ? Object.keys(value) : value; // its values may be secrets
    const where = isOurs ? "on this runtime" : 'with "worker" or "createPort"';
    throw new InvalidOptionError(option, received, `left out ${where}`);
  }
  return options;
}

function ownEnv(env: object): Record<string, string> {
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (typeof value === "string" && !Array.isArray(env)) own[name] = value;
    else if (value !== undefined) {
      throw new InvalidOptionError(`env.${name}`, value, "a string");
    }
  }
  return own;
}
