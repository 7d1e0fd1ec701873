import { z } from "zod";
import { InvalidOptionError, PolicyError } from "../errors.ts";
import {
  integer,
  MANY,
  millisecondsOrNever,
  number,
  shape,
  toOptionError,
} from "./option_shapes.ts";
import type { AnyPolicy, PolicySettings } from "../policy/policy.ts";

/** The limits of a router that may be changed while it runs. */
export interface TunableLimits {
  /** Jobs that may wait for the pool, gathering batches included, 1 to 1,000,000. */
  readonly cpuQueueCapacity: number;
  /** Spawned jobs that may wait, 1 to 1,000,000. */
  readonly spawnQueueCapacity: number;
  /** Spawned jobs that are unsettled at a time, 1 to 1,000,000. */
  readonly spawnConcurrency: number;
  /** Time inline runs may take in one turn of the event loop, in ms, 0 to 1,000. */
  readonly inlineSliceMs: number;
  /** Jobs in a batch at most, 1 to 10,000. */
  readonly batchMaxSize: number;
  /** Time the first job of a batch waits for others at most, in ms, 0 to 60,000. */
  readonly batchMaxDelayMs: number;
  /** Time an aborted job may go on before its worker is ended, in ms, >= 0; `Infinity`: for ever. */
  readonly abortGraceMs: number;
}

/** What of a router may be changed while it runs: `router.config()`. */
export interface RouterConfig extends TunableLimits {
  /** Settings of the policy; `undefined` when it has none that may be changed. */
  readonly policy: PolicySettings | undefined;
}

/** The same limits as options of `createRouter()`, without their defaults. */
export const LIMIT_SHAPES: Readonly<Record<keyof TunableLimits, z.ZodType<number>>> = {
  cpuQueueCapacity: integer(1, MANY),
  spawnQueueCapacity: integer(1, MANY),
  spawnConcurrency: integer(1, MANY),
  inlineSliceMs: number(0, 1_000),
  batchMaxSize: integer(1, 10_000),
  batchMaxDelayMs: number(0, 60_000),
  abortGraceMs: millisecondsOrNever(),
};

const CHANGE = z.strictObject({
  ...LIMIT_SHAPES,
  policy: shape<Partial<PolicySettings>>(
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    "an object of settings of the policy",
  ),
}).partial();

const ACTION = "configure router";

/** The limits as they are now, and the state of the policy. */
export class Configuration {
  readonly #policy: AnyPolicy;
  readonly #tune: (limits: TunableLimits) => void;
  #limits: TunableLimits;
  /** State of the policy. */
  state: unknown;

  /** `tune` is told of the limits when they have changed. */
  constructor(options: TunableLimits, policy: AnyPolicy, tune: (limits: TunableLimits) => void) {
    this.#policy = policy;
    this.#tune = tune;
    const { cpuQueueCapacity, spawnQueueCapacity, spawnConcurrency, inlineSliceMs } = options;
    const { batchMaxSize, batchMaxDelayMs, abortGraceMs } = options;
    const queues = { cpuQueueCapacity, spawnQueueCapacity, spawnConcurrency, inlineSliceMs };
    this.#limits = { ...queues, batchMaxSize, batchMaxDelayMs, abortGraceMs };
    this.state = policy.init?.();
  }

  get(): RouterConfig {
    return { ...this.#limits, policy: this.#policy.settings?.(this.state) };
  }

  /** Changes all that is given, or throws and changes nothing. */
  change(change: Partial<RouterConfig>): RouterConfig {
    const { policy, ...limits } = checkChange(change);
    if (policy !== undefined) this.state = configurePolicy(this.#policy, this.state, policy);
    this.#limits = { ...this.#limits, ...limits };
    this.#tune(this.#limits);
    return this.get();
  }
}

/**
 * What is given of a change.
 *
 * @throws {InvalidOptionError} If something is wrong or unknown.
 */
function checkChange(change: Partial<RouterConfig>): Partial<RouterConfig> {
  if (typeof change !== "object" || change === null) {
    throw new InvalidOptionError("change", change, "an object of options", ACTION);
  }
  const result = CHANGE.safeParse(change);
  if (!result.success) {
    throw toOptionError(result.error.issues[0], change, Object.keys(CHANGE.shape), ACTION);
  }
  const given = Object.entries(result.data).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}

/**
 * Makes a policy's state with changed settings.
 *
 * @throws {InvalidOptionError} If the policy has no settings, or one is wrong or unknown.
 * @throws {PolicyError} If the policy throws anything else.
 */
function configurePolicy(
  policy: AnyPolicy,
  state: unknown,
  change: Partial<PolicySettings>,
): unknown {
  if (policy.configure === undefined) {
    const wanted = `left out, as policy "${policy.name}" has no settings`;
    throw new InvalidOptionError("policy", change, wanted, ACTION);
  }
  try {
    return policy.configure(state, change);
  } catch (cause) {
    if (!(cause instanceof InvalidOptionError)) {
      throw new PolicyError(policy.name, "threw while it was configured", { cause });
    }
    const { option, received, wanted } = cause;
    throw new InvalidOptionError(`policy.${option}`, received, wanted, ACTION);
  }
}
