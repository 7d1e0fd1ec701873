import { median } from "../stats.ts";

/** A difference up to this share is none. */
export const TOLERANCE = 0.05;

/**
 * What a row says. A difference counts that is larger than {@linkcode TOLERANCE} and lies outside of
 * what this checkout shows against itself; `unclear` is large enough, but lies inside.
 */
export type Verdict = "slower" | "faster" | "same" | "unclear";

/** This checkout beside another commit, in one figure. */
export interface Comparison {
  /** This checkout's figure divided by the commit's: the median of the pairs. */
  readonly ratio: number;
  /** How far apart the pairs of this checkout with itself are. */
  readonly spread: Spread;
  readonly verdict: Verdict;
}

/** Where most ratios of equal things lie. */
export type Spread = readonly [low: number, high: number];

/** One figure divided by another: two that are zero are equal. */
export function ratioOf(value: number, other: number): number {
  return value === other ? 1 : value / other;
}

/**
 * From the 10th to the 90th percentile. Every ratio counts upside down, too: which of two equal things
 * is divided by the other is chance, and a few pairs may all fall on one side of 1.
 */
export function spreadOf(ratios: readonly number[]): Spread {
  const sorted = ratios.flatMap((ratio) => [ratio, 1 / ratio]).sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 10);
  return [sorted[cut], sorted[sorted.length - 1 - cut]];
}

/** Compares, by the ratios of the pairs with the commit and of those with itself. */
export function compare(
  ratios: readonly number[],
  ownRatios: readonly number[],
  largerIsBetter: boolean,
): Comparison {
  const ratio = median(ratios);
  const spread = spreadOf(ownRatios);
  return { ratio, spread, verdict: verdictOf(ratio, spread, largerIsBetter) };
}

function verdictOf(ratio: number, [low, high]: Spread, largerIsBetter: boolean): Verdict {
  if (ratio >= 1 - TOLERANCE && ratio <= 1 + TOLERANCE) return "same";
  if (ratio >= low && ratio <= high) return "unclear";
  return ratio > 1 === largerIsBetter ? "faster" : "slower";
}
