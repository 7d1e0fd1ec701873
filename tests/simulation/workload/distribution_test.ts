import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Distribution,
  drawFrom,
  meanOf,
} from "../../../src/simulation/workload/distribution.ts";
import { RandomStream } from "../../../src/simulation/workload/random_stream.ts";
import { guarded } from "../../fixtures/until.ts";

const DRAWS = 100_000;

/** Distributions with their mean and deviation, and the least and the most they draw. */
const CASES: readonly (readonly [Distribution, number, number, number, number])[] = [
  [{ type: "fixed", value: 3 }, 3, 0, 3, 3],
  [{ type: "uniform", min: 2, max: 8 }, 5, 6 / Math.sqrt(12), 2, 8],
  [{ type: "exponential", mean: 4 }, 4, 4, 0, 100],
  [
    { type: "lognormal", mean: 10, spread: 0.3 },
    ...[10, 10 * Math.sqrt(Math.exp(0.09) - 1), 2, 50] as const,
  ],
  // E[min(X, 10)] and E[min(X, 10)²] of a density 2/x³ from 1.
  [
    { type: "pareto", min: 1, max: 10, shape: 2 },
    ...[1.9, Math.sqrt(2 * Math.log(10) + 1 - 1.9 ** 2), 1, 10] as const,
  ],
  [
    { type: "pareto", min: 2, max: 100, shape: 1.5 },
    ...[(3 - 100 * 0.02 ** 1.5) / 0.5, 8.462, 2, 100] as const,
  ],
  [{ type: "pareto", min: 5, max: 3, shape: 2 }, 3, 0, 3, 3],
  [
    {
      ...{ type: "bimodal", share: 0.25, first: { type: "fixed", value: 1 } },
      second: { type: "uniform", min: 6, max: 12 },
    },
    ...[3, Math.sqrt(0.75 + 0.25 * (81 + 3) - 9), 1, 12] as const,
  ],
];

for (const [distribution, mean, deviation, least, most] of CASES) {
  test(`draws of ${JSON.stringify(distribution)} have its mean, spread and range`, guarded, () => {
    const random = new RandomStream(7, 1);
    const values = Float64Array.from({ length: DRAWS }, () => drawFrom(distribution, random));
    const meanDrawn = values.reduce((sum, x) => sum + x, 0) / DRAWS;
    const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - meanDrawn) ** 2, 0) / DRAWS);
    assert.ok(Math.abs(meanDrawn - mean) <= 4 * deviation / Math.sqrt(DRAWS), `${meanDrawn}`);
    assert.ok(Math.abs(spread - deviation) <= 0.03 * deviation, `${spread}, not ${deviation}`);
    assert.ok(values.every((x) => x >= least && x <= most));
    assert.ok(Math.abs(meanOf(distribution) - mean) < 1e-12 * mean, `${meanOf(distribution)}`);
  });
}

test("of a bimodal distribution, its share is of the second", () => {
  const random = new RandomStream(7, 2);
  const [first, second] = [1, 2].map((value) => ({ type: "fixed", value }) as const);
  let seconds = 0;
  for (let i = 0; i < 20_000; i++) {
    seconds += drawFrom({ type: "bimodal", share: 0.1, first, second }, random) - 1;
  }
  assert.ok(Math.abs(seconds / 20_000 - 0.1) < 0.01, `${seconds}`);
});
