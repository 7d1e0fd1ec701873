import { InvalidOptionError, PolicyError } from "../errors.ts";
import type { AnyPolicy, PolicySettings } from "../policy/policy.ts";
import { PERMITS } from "../semaphore.ts";
import { type Check, checkOptions } from "./check_options.ts";
import { optionTable, type TunableOption } from "./option_table.ts";
import { mayHaveWorkers, type ResolvedOptions, type RouterOptions } from "./options.ts";
import { checkedState, initialState, type RouterState, toRouterState } from "./saved_state.ts";

/** The limits of a router that may be changed while it runs. */
export type TunableLimits = Required<Pick<RouterOptions, Exclude<TunableOption, "cpuParallelism">>>;

/** What of a router may be changed while it runs: `router.config()`. */
export interface RouterConfig extends TunableLimits {
  /** Calls the pool runs at a time: the permits of the router's semaphore. */
  readonly cpuParallelism: number;
  /** Settings of the policy; `undefined` when it has none that may be changed. */
  readonly policy: PolicySettings | undefined;
}

const SETTINGS = "an object of settings of the policy";
const TUNABLE = Object.values(optionTable).filter((row) => row.isTunable);
const CHECKS: readonly Check[] = [
  ...TUNABLE.map((row) => row.orSemaphore ? { ...row, range: PERMITS, orSemaphore: false } : row),
  { name: "policy", type: "object", wanted: SETTINGS },
];

const ACTION = "configure router";

/** The limits as they are now, and the state of the policy. */
export class Configuration {
  readonly #policy: AnyPolicy;
  readonly #options: ResolvedOptions;
  readonly #tune: (limits: TunableLimits) => void;
  #limits: TunableLimits;
  /** State of the policy. */
  state: unknown;

  /**
   * `tune` is told of the limits when they have changed; `loadModel` and `warn` are for a state that was
   * saved.
   */
  constructor(
    options: ResolvedOptions,
    tune: (limits: TunableLimits) => void,
    loadModel: (model: unknown) => boolean,
    warn: (message: string) => void,
  ) {
    this.#policy = options.policy;
    this.#options = options;
    this.#tune = tune;
    const limits = TUNABLE.map(({ name }) => [name, options[name]]);
    this.#limits = Object.fromEntries(limits);
    this.state = initialState(options.policy, options.state, loadModel, warn);
  }

  /** All that can be restored; `model` is what the model has saved. */
  save(model: unknown): RouterState {
    return toRouterState(this.#policy, this.state, model);
  }

  get(): RouterConfig {
    const cpuParallelism = this.#options.semaphore.permits; // others may have resized it
    return { ...this.#limits, cpuParallelism, policy: this.#policy.settings?.(this.state) };
  }

  /** Changes all that is given, or throws and changes nothing. */
  change(change: Partial<RouterConfig>): RouterConfig {
    const given = checkOptions<RouterConfig>(change, CHECKS, ACTION);
    const { policy, cpuParallelism, ...limits } = given;
    if (cpuParallelism !== undefined) this.#checkParallelism(cpuParallelism);
    if (policy !== undefined) this.state = configurePolicy(this.#policy, this.state, policy);
    this.#limits = { ...this.#limits, ...limits };
    this.#tune(this.#limits);
    if (cpuParallelism !== undefined) this.#options.semaphore.resize(cpuParallelism);
    return this.get();
  }

  /** @throws {InvalidOptionError} If the number of permits cannot become that. */
  #checkParallelism(permits: number): void {
    const { isShared, minWorkers } = this.#options;
    const refuse = (wanted: string): InvalidOptionError =>
      new InvalidOptionError("cpuParallelism", permits, wanted, ACTION);
    if (isShared) throw refuse('left out, as its semaphore is shared: use its "resize()"');
    if (permits < minWorkers) throw refuse(`at least "minWorkers" (${minWorkers})`);
    if (!mayHaveWorkers(permits, this.#options)) throw refuse(optionTable.cpuParallelism.wanted);
  }
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
  if (Array.isArray(change)) throw new InvalidOptionError("policy", change, SETTINGS, ACTION);
  if (policy.configure === undefined) {
    const wanted = `left out, as policy "${policy.name}" has no settings`;
    throw new InvalidOptionError("policy", change, wanted, ACTION);
  }
  let changed: unknown;
  try {
    changed = policy.configure(state, change);
  } catch (cause) {
    if (!(cause instanceof InvalidOptionError)) {
      throw new PolicyError(policy.name, "threw while it was configured", { cause });
    }
    const { option, received, wanted } = cause;
    throw new InvalidOptionError(`policy.${option}`, received, wanted, ACTION);
  }
  return checkedState(policy, changed, "configure");
}
