import { exp, ln } from "./portable_math.ts";
import type { RandomStream } from "./random_stream.ts";

/** How a positive quantity is distributed; parameters are in its unit. */
export type Distribution =
  | { readonly type: "fixed"; readonly value: number }
  | { readonly type: "uniform"; readonly min: number; readonly max: number }
  | { readonly type: "exponential"; readonly mean: number }
  /** `spread` is the standard deviation of the logarithm. */
  | { readonly type: "lognormal"; readonly mean: number; readonly spread: number }
  /** Above `min`, the more the rarer: `shape` > 1; never above `max`. */
  | { readonly type: "pareto"; readonly min: number; readonly max: number; readonly shape: number }
  /** One of two, `share` of them the second. */
  | {
    readonly type: "bimodal";
    readonly share: number;
    readonly first: Distribution;
    readonly second: Distribution;
  };

/** Draws from a distribution. */
export function drawFrom(distribution: Distribution, random: RandomStream): number {
  switch (distribution.type) {
    case "fixed":
      return distribution.value;
    case "uniform": {
      const { min, max } = distribution;
      return min + (max - min) * random.uniform();
    }
    case "exponential":
      return distribution.mean * random.exponential();
    case "lognormal": {
      const { mean, spread } = distribution;
      return mean * exp(spread * random.normal() - spread * spread / 2);
    }
    case "pareto": {
      const { min, max, shape } = distribution;
      return Math.min(min * exp(-ln(random.uniform()) / shape), max);
    }
    case "bimodal": {
      const { share, first, second } = distribution;
      return drawFrom(random.uniform() < share ? second : first, random);
    }
  }
}

/** The mean of a distribution. */
export function meanOf(distribution: Distribution): number {
  switch (distribution.type) {
    case "fixed":
      return distribution.value;
    case "uniform":
      return (distribution.min + distribution.max) / 2;
    case "exponential":
    case "lognormal":
      return distribution.mean;
    case "pareto": {
      const { min, max, shape } = distribution;
      if (max <= min) return max;
      return (shape * min - max * exp(shape * ln(min / max))) / (shape - 1);
    }
    case "bimodal": {
      const { share, first, second } = distribution;
      return (1 - share) * meanOf(first) + share * meanOf(second);
    }
  }
}
