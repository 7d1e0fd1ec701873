import assert from "node:assert/strict";
import { test } from "node:test";
import { RandomStream } from "../../../src/simulation/workload/random_stream.ts";
import { guarded } from "../../fixtures/until.ts";
import { Digest } from "./digest.ts";

const DRAWS = 100_000;

function drawMany(count: number, draw: () => number): Float64Array {
  return Float64Array.from({ length: count }, draw);
}

/** Means of the powers of values. */
function momentsOf(values: Float64Array, powers: readonly number[]): number[] {
  return powers.map((power) => values.reduce((sum, x) => sum + x ** power, 0) / values.length);
}

function assertMoments(values: Float64Array, wanted: readonly (readonly [number, number])[]): void {
  const moments = momentsOf(values, wanted.map((_, i) => i + 1));
  wanted.forEach(([mean, deviation], i) => {
    const bound = 4 * deviation / Math.sqrt(values.length);
    assert.ok(Math.abs(moments[i] - mean) <= bound, `moment ${i + 1}: ${moments[i]}, not ${mean}`);
  });
}

// Each moment with the deviation of the power that it is the mean of.

test("uniform() lies between 0 and 1, evenly", () => {
  const random = new RandomStream(7, 1);
  const values = drawMany(DRAWS, () => random.uniform());
  assert.ok(values.every((x) => x > 0 && x < 1));
  assertMoments(values, [[1 / 2, 0.289], [1 / 3, 0.298], [1 / 4, 0.284]]);
  const bins = new Array(100).fill(0);
  for (const x of values) bins[Math.floor(x * 100)]++;
  const square = bins.reduce((sum, n) => sum + (n - DRAWS / 100) ** 2 / (DRAWS / 100), 0);
  assert.ok(square > 50 && square < 160, `chi² of 99: ${square}`);
  assert.ok(new Set(values).size > DRAWS - 10, "it has more than 32 bits");
});

test("exponential() has mean 1, normal() mean 0 and deviation 1", () => {
  const random = new RandomStream(7, 2);
  assertMoments(drawMany(DRAWS, () => random.exponential()), [[1, 1], [2, 4.5], [6, 27]]);
  assertMoments(drawMany(DRAWS, () => random.normal()), [
    ...[[0, 1], [1, 1.42], [0, 3.9], [3, 9.8]] as const,
  ]);
});

test("streams of a seed, and seeds of a stream, have nothing to do with each other", () => {
  const count = 20_000;
  const names = [[7, 1], [7, 2], [7, 3], [7, 1_000], [7, 1_001], [8, 1], [8, 2], [9, 1]];
  const all = names.map(([seed, stream]) => {
    const random = new RandomStream(seed, stream);
    return drawMany(count, () => random.uniform() - 0.5);
  });
  for (let a = 0; a < all.length; a++) {
    for (let b = 0; b < a; b++) {
      for (const lag of [0, 1, 2]) {
        let sum = 0;
        for (let i = lag; i < count; i++) sum += all[a][i - lag] * all[b][i];
        const correlation = 12 * sum / count;
        assert.ok(Math.abs(correlation) < 4.5 / Math.sqrt(count), `${names[a]}, ${names[b]}`);
      }
    }
  }
});

test("a stream goes on as before whatever others draw, and starts again for its seed", () => {
  const [one, again, other] = [
    new RandomStream(3, 4),
    new RandomStream(3, 4),
    new RandomStream(3, 5),
  ];
  for (let i = 0; i < 50; i++) {
    other.normal();
    assert.equal(one.normal(), again.normal());
    assert.equal(one.uniform(), again.uniform());
  }
});

test("draws are the same on every runtime", guarded, () => {
  const random = new RandomStream(4_294_967_295, 12);
  const digest = new Digest();
  for (let i = 0; i < 100_000; i++) {
    for (const x of [random.uniform(), random.exponential(), random.normal()]) digest.add(x);
  }
  assert.equal(digest.hex, "7e8d111e");
});
