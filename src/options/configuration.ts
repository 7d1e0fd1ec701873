import { InvalidOptionError, PolicyError } from "../errors.ts";
import type { AnyPolicy, PolicySettings } from "../policy/policy.ts";
import { type Check, checkOptions } from "./check_options.ts";
import { optionTable, type TunableOption } from "./option_table.ts";
import type { RouterOptions } from "./options.ts";

/** The limits of a router that may be changed while it runs. */
export type TunableLimits = Required<Pick<RouterOptions, TunableOption>>;

/** What of a router may be changed while it runs: `router.config()`. */
export interface RouterConfig extends TunableLimits {
  /** Settings of the policy; `undefined` when it has none that may be changed. */
  readonly policy: PolicySettings | undefined;
}

const SETTINGS = "an object of settings of the policy";
const TUNABLE = Object.values(optionTable).filter((row) => row.isTunable);
const CHECKS: readonly Check[] = [
  ...TUNABLE,
  { name: "policy", type: "object", wanted: SETTINGS },
];

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
    const limits = TUNABLE.map(({ name }) => [name, options[name as TunableOption]]);
    this.#limits = Object.fromEntries(limits);
    this.state = policy.init?.();
  }

  get(): RouterConfig {
    return { ...this.#limits, policy: this.#policy.settings?.(this.state) };
  }

  /** Changes all that is given, or throws and changes nothing. */
  change(change: Partial<RouterConfig>): RouterConfig {
    const { policy, ...limits } = checkOptions<RouterConfig>(change, CHECKS, ACTION);
    if (policy !== undefined) this.state = configurePolicy(this.#policy, this.state, policy);
    this.#limits = { ...this.#limits, ...limits };
    this.#tune(this.#limits);
    return this.get();
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
