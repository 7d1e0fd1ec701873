import { isWithin, wordsOf } from "../check.ts";
import { COST } from "../define/own_kind.ts";
import { InvalidHintError } from "../errors.ts";
import { hearRejection } from "../thenable.ts";
import { type Given, NOTHING_GIVEN } from "./given.ts";
import type { KindInfo } from "./kind.ts";

const WANTED_OF_COST = `${wordsOf(COST)} from the kind's "cost" function`;

/**
 * What is known of a job when it is submitted: what a policy may read, and the limit of its run.
 * Precedence: what was given with it, then its kind, then the default.
 *
 * A class with declared fields, not a literal: a field that is `undefined` first holds any value, so
 * jobs share the numbers of their kind. Otherwise V8 gives each job a copy of each, of 16 bytes, and
 * ten thousand waiting jobs cost a third more garbage collection.
 */
export class Facts {
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
  /** Empty when there is none. */
  readonly key: string;
  /** On the router's clock; set when the job is decided on. */
  submittedAtMs!: number;
  /** The same, unless the caller gave another one. */
  arrivedAtMs!: number;

  constructor(id: number, kind: KindInfo, computeCost: number, given: Given) {
    const { limits } = kind;
    this.id = id;
    this.kind = kind;
    this.computeCost = computeCost;
    if (given === NOTHING_GIVEN) { // most jobs: saves five comparisons
      this.scalingPotential = limits.scalingPotential;
      this.latencyBudgetMs = limits.latencyBudgetMs;
      this.priority = limits.priority;
      this.runTimeoutMs = limits.runTimeoutMs;
      this.key = "";
      return;
    }
    this.scalingPotential = given.scalingPotential ?? limits.scalingPotential;
    this.latencyBudgetMs = given.latencyBudgetMs ?? limits.latencyBudgetMs;
    this.priority = given.priority ?? limits.priority;
    this.runTimeoutMs = given.runTimeoutMs ?? limits.runTimeoutMs;
    this.key = given.key ?? "";
  }
}

/**
 * Cost of a job: what was given with it, else what its kind says of the input; `NaN` when neither says.
 *
 * @throws {InvalidHintError} If the kind's cost of the input is out of range.
 */
export function costOf(
  { name, definition: { cost } }: KindInfo,
  input: unknown,
  given: Given,
): number {
  if (given.computeCost !== undefined) return given.computeCost;
  if (typeof cost !== "function") return cost ?? NaN;
  let value: number;
  try {
    value = cost(input);
  } catch (cause) {
    const wanted = `${WANTED_OF_COST}, which threw`;
    throw new InvalidHintError(name, "computeCost", cause, wanted, cause);
  }
  if (isWithin(value, COST)) return value;
  hearRejection(value);
  throw new InvalidHintError(name, "computeCost", value, WANTED_OF_COST);
}
