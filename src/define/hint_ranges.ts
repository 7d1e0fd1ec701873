import { type NumberRange, rangeOf } from "../range.ts";

/** Range of a cost: the `cost` of a kind, the hint `computeCost`. */
export const COST: NumberRange = rangeOf(0, Number.MAX_VALUE);

/** Range of a parallel payoff: the `scaling` of a kind, the hint `scalingPotential`. */
export const SCALING: NumberRange = rangeOf(0, 1);

/** Range of a priority, of a kind or a submit. */
export const PRIORITY: NumberRange = rangeOf(0, 9, { integer: true });
