import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, ratioOf, spreadOf } from "../../bench/against/verdict.ts";

/** Pairs of this checkout with itself that are up to 2 % apart. */
const CALM = [0.99, 1.02, 1, 0.98, 1.01];

/** The verdict on a time that grew by a factor, and on a throughput that did. */
function verdicts(ratio: number, own: readonly number[] = CALM): readonly string[] {
  return [false, true].map((largerIsBetter) => compare([ratio], own, largerIsBetter).verdict);
}

test("a difference of up to 5 % is none", () => {
  for (const ratio of [0.95, 0.96, 1, 1.04, 1.05]) {
    assert.deepEqual(verdicts(ratio), ["same", "same"]);
  }
});

test("a column knows which side is worse", () => {
  assert.deepEqual(verdicts(1.06), ["slower", "faster"]);
  assert.deepEqual(verdicts(0.94), ["faster", "slower"]);
});

test("what this checkout shows against itself is no difference", () => {
  const own = [1.1, 1.2, 1.05];
  assert.deepEqual(verdicts(1.15, own), ["unclear", "unclear"]);
  assert.deepEqual(verdicts(0.85, own), ["unclear", "unclear"]);
  assert.deepEqual(verdicts(1.25, own), ["slower", "faster"]);
  assert.deepEqual(verdicts(0.8, own), ["faster", "slower"]);
});

test("the median of the pairs counts", () => {
  assert.equal(compare([1, 9, 1.02, 1.01, 0.2], CALM, false).ratio, 1.01);
  assert.equal(compare([1, 1.2], CALM, false).ratio, 1.1);
});

test("equal things are apart in either direction", () => {
  assert.deepEqual(spreadOf([2, 2]), [0.5, 2]);
  assert.deepEqual(spreadOf([0.25]), [0.25, 4]);
});

test("the spread goes from the 10th to the 90th percentile", () => {
  // Nine pairs taken both ways round are eighteen ratios: the farthest one of either side is left out.
  assert.deepEqual(spreadOf([1, 1, 2, 1, 50, 1, 1, 1, 1]), [0.5, 2]);
  assert.deepEqual(spreadOf([1, 1, 2, 1]), [0.5, 2]);
});

test("two figures that are zero are equal, and one that is not has grown", () => {
  assert.equal(ratioOf(0, 0), 1);
  assert.equal(ratioOf(3, 2), 1.5);
  assert.deepEqual(verdicts(ratioOf(1, 0)), ["slower", "faster"]);
  assert.deepEqual(verdicts(ratioOf(0, 1)), ["faster", "slower"]);
});
