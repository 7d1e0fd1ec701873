import { shown } from "../check.ts";
import { PolicyError } from "../errors.ts";
import type { AnyPolicy } from "../policy/policy.ts";
import { hearRejection, isThenable } from "../thenable.ts";

/** What `router.exportState()` gives: plain JSON. What is in it may change with the version. */
export interface RouterState {
  /** Its form. */
  readonly version: 1;
  /** What was learned about each kind. */
  readonly model: unknown;
  /** The policy's name, and what its `save` gave. */
  readonly policy?: unknown;
}

/**
 * Saves what was learned.
 *
 * @throws {PolicyError} If the policy cannot save its state as JSON.
 */
export function toRouterState(policy: AnyPolicy, state: unknown, model: unknown): RouterState {
  const { name } = policy;
  try {
    const saved = policy.save && { name, state: checkedState(policy, policy.save(state), "save") };
    return JSON.parse(JSON.stringify({ version: 1, model, policy: saved }));
  } catch (cause) {
    throw new PolicyError(name, "could not be saved as JSON", { cause });
  }
}

/**
 * The state that a policy begins with: restored, or a new one. Of what was saved nothing is believed: if
 * anything in it is wrong, none is used, and `warn` is told. `loadModel` returns whether it could.
 */
export function initialState(
  policy: AnyPolicy,
  saved: RouterState | undefined,
  loadModel: (model: unknown) => boolean,
  warn: (message: string) => void,
): unknown {
  let restored: unknown;
  if (saved !== undefined) {
    try {
      const { version } = saved;
      if (version !== 1) throw new TypeError(`version ${shown(version)} is not 1`);
      const ofPolicy = saved.policy as { name?: unknown; state?: unknown } | undefined;
      if (policy.load !== undefined && ofPolicy?.name === policy.name) {
        restored = checkedState(policy, policy.load(ofPolicy.state), "load");
      }
      if (!loadModel(saved.model)) throw new TypeError("the model is damaged");
    } catch (error) {
      restored = undefined;
      warn(`Cannot use saved state: ${shown(error)}`);
    }
  }
  return restored ?? checkedState(policy, policy.init?.(), "init");
}

/** @throws {PolicyError} If the state is a promise: no other function of the policy would wait for it. */
export function checkedState(policy: AnyPolicy, state: unknown, from: string): unknown {
  if (!isThenable(state)) return state;
  hearRejection(state);
  throw new PolicyError(
    policy.name,
    `gave a promise as its state: "${from}" must return it at once`,
  );
}
