import { COST } from "../define/hint_ranges.ts";
import { checkHint, type SubmitOptions } from "./hints.ts";
import type { KindInfo } from "./kind.ts";
import { limitsOf } from "./limits.ts";

/** What is known of a job when it is submitted: what a policy may read, and the limit of its run. */
export interface Facts {
  /** Number of the job, from 1, in order of submission. */
  readonly id: number;
  readonly kind: KindInfo;
  /** `NaN` when unknown. */
  readonly computeCost: number;
  readonly scalingPotential: number;
  /** `Infinity` when there is none. */
  readonly latencyBudgetMs: number;
  readonly priority: number;
  /** `Infinity` when there is none. */
  readonly runTimeoutMs: number;
  /** On the router's clock; set when the job is decided on. */
  submittedAtMs: number;
}

/**
 * The facts of a job, by its options, its kind and the defaults, in this order.
 *
 * @throws {InvalidHintError} If an option is out of range, or the kind's cost of the input is.
 */
export function factsOf(
  id: number,
  kind: KindInfo,
  input: unknown,
  options: SubmitOptions | undefined,
): Facts {
  const cost = options?.computeCost;
  const computeCost = cost === undefined
    ? kind.costOf(input)
    : checkHint(kind.name, "computeCost", cost, COST);
  const limits = options == null ? kind.limits : limitsOf(kind, options);
  return {
    id,
    kind,
    computeCost,
    scalingPotential: limits.scalingPotential,
    latencyBudgetMs: limits.latencyBudgetMs,
    priority: limits.priority,
    runTimeoutMs: limits.runTimeoutMs,
    submittedAtMs: 0,
  };
}
