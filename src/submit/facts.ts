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
 * ten thousand waiting jobs cost a third more garbage collection. What is no such number is `declare`d, which makes
 * no field before the constructor: V8 then knows what it holds.
 */
export class Facts {
  /** Number of the job, from 1, in order of submission. */
  declare readonly id: number;
  declare readonly kind: KindInfo;
  /** `NaN` when unknown. */
  readonly computeCost: number;
  readonly scalingPotential: number;
  /** `Infinity` when there is none. */
  readonly latencyBudgetMs: number;
  readonly priority: number;
  /** `Infinity` when there is none. */
  readonly runTimeoutMs: number;
  /** Empty when there is none. */
  declare readonly key: string;
  /** On the router's clock; set when the job is decided on. */
  submittedAtMs!: number;
  /** The same, unless the caller gave another one. */
  arrivedAtMs!: number;

  constructor(id: number, kind: KindInfo, computeCost: number, given: Given) {
    const { limits } = kind;
    this.id = id;
    this.kind = kind;
    this.computeCost = computeCost;
    this.scalingPotential = limits.scalingPotential;
    this.latencyBudgetMs = limits.latencyBudgetMs;
    this.priority = limits.priority;
    this.runTimeoutMs = limits.runTimeoutMs;
    this.key = given.key ?? "";
    if (given !== NOTHING_GIVEN) overrule(this, given);
  }
}

/** What was given with a job goes before what its kind says: apart, so that V8 inlines the constructor. */
function overrule(facts: { -readonly [K in keyof Facts]: Facts[K] }, given: Given): void {
  facts.scalingPotential = given.scalingPotential ?? facts.scalingPotential;
  facts.latencyBudgetMs = given.latencyBudgetMs ?? facts.latencyBudgetMs;
  facts.priority = given.priority ?? facts.priority;
  facts.runTimeoutMs = given.runTimeoutMs ?? facts.runTimeoutMs;
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
