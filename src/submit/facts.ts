import { isWithin, wordsOf } from "../check.ts";
import { COST } from "../define/own_kind.ts";
import { InvalidHintError } from "../errors.ts";
import type { Given } from "./given.ts";
import type { KindInfo } from "./kind.ts";

const WANTED_OF_COST = `${wordsOf(COST)} from the kind's "cost" function`;

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
 * The facts of a job. Precedence: what was given with it, then its kind, then the default.
 *
 * @throws {InvalidHintError} If the kind's cost of the input is out of range.
 */
export function factsOf(
  id: number,
  kind: KindInfo,
  input: unknown,
  given: Given,
): Facts {
  const { computeCost, scalingPotential, latencyBudgetMs, priority, runTimeoutMs } = given;
  const { limits } = kind;
  return {
    id,
    kind,
    computeCost: computeCost === undefined ? costOf(kind, input) : computeCost,
    scalingPotential: scalingPotential === undefined ? limits.scalingPotential : scalingPotential,
    latencyBudgetMs: latencyBudgetMs === undefined ? limits.latencyBudgetMs : latencyBudgetMs,
    priority: priority === undefined ? limits.priority : priority,
    runTimeoutMs: runTimeoutMs === undefined ? limits.runTimeoutMs : runTimeoutMs,
    submittedAtMs: 0,
  };
}

/** Cost of an input, as its kind says; `NaN` when it says nothing. */
function costOf({ name, definition: { cost } }: KindInfo, input: unknown): number {
  if (typeof cost !== "function") return cost ?? NaN;
  let value: number;
  try {
    value = cost(input);
  } catch (cause) {
    const wanted = `${WANTED_OF_COST}, which threw`;
    throw new InvalidHintError(name, "computeCost", cause, wanted, cause);
  }
  if (isWithin(value, COST)) return value;
  throw new InvalidHintError(name, "computeCost", value, WANTED_OF_COST);
}
