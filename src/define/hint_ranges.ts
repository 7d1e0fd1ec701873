import { type NumberRange, rangeOf } from "../range.ts";

/** What a cost may be: the `cost` of a kind, the hint `computeCost`. */
export const COST: NumberRange = rangeOf(0, Number.MAX_VALUE);

/** What a parallel payoff may be: the `scaling` of a kind, the hint `scalingPotential`. */
export const SCALING: NumberRange = rangeOf(0, 1);

/** What a priority may be, on a kind and on a submit. */
export const PRIORITY: NumberRange = rangeOf(0, 9, { integer: true });
