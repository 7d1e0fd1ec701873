import assert from "node:assert/strict";
import { test } from "node:test";
import { isSavedSpread, Spread } from "../../src/model/spread.ts";
import { createRandom } from "../virtual/random.ts";

function spreadOf(times: Iterable<number>): Spread {
  const spread = new Spread();
  for (const ms of times) spread.add(ms);
  spread.refresh();
  return spread;
}

function near(actual: number, wanted: number, share = 1e-6): void {
  assert.ok(Math.abs(actual - wanted) <= share * wanted, `${actual}, not ${wanted}`);
}

/** Times of `Math.exp(spread × a normal number)`, by the method of Box and Muller. */
function* lognormal(runs: number, spread: number): Generator<number, void, undefined> {
  const random = createRandom(7);
  for (let i = 0; i < runs; i++) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    yield Math.exp(spread * radius * Math.cos(2 * Math.PI * random()));
  }
}

test("Spread tells of one time that time", () => {
  const spread = spreadOf([3]);
  const { meanMs, medianMs, lowMs, highMs, nearlyLongestMs, variance, count } = spread;
  for (const ms of [meanMs, medianMs, lowMs, highMs, nearlyLongestMs]) near(ms, 3);
  assert.deepEqual([variance, count], [0, 1]);
  assert.deepEqual([spread.shareWithin(3), spread.shareWithin(2.9)], [1, 0]);
  near(spread.leftMs(1), 2);
  assert.equal(spread.leftMs(3), 0);
});

test("Spread tells the shortest time as that which none of the runs is below", () => {
  const spread = spreadOf([4, 32, 500]);
  near(spread.quantileMs(0), 4);
  near(spread.quantileMs(1), 500);
  near(spread.quantileMs(spread.shareWithin(1)), 4);
});

test("Spread knows the mean, and how times are spread, of any form", () => {
  const spread = spreadOf(Array.from({ length: 2_000 }, (_, i) => i % 5 === 0 ? 20 : 2));
  near(spread.meanMs, 5.6, 0.05);
  near(spread.medianMs, 2);
  near(spread.highMs, 20);
  near(spread.shareWithin(10), 0.8, 0.02);
  near(spread.leftMs(5), 15);
  near(spread.leftMs(0), 5.6, 0.05);
  near(Math.sqrt(spread.variance), 7.2, 0.05);
});

test("Spread's bound holds for 90 to 97 % of the runs, and is no more than 2.5 times the median", () => {
  const times = [...lognormal(20_000, 0.5)];
  const spread = new Spread();
  let within = 0;
  let asked = 0;
  const bounds: number[] = [];
  for (const [i, ms] of times.entries()) {
    spread.refresh();
    if (i >= 50) {
      asked++;
      bounds.push(spread.highMs);
      if (ms <= spread.highMs) within++;
    }
    spread.add(ms);
  }
  const share = within / asked;
  assert.ok(share > 0.9 && share < 0.97, `${share}`);
  bounds.sort((a, b) => a - b);
  assert.ok(bounds[bounds.length >> 1] <= 2.5, `${bounds[bounds.length >> 1]}`);
});

test("Spread takes a single time far beyond all others for a pause, and two for a habit", () => {
  const usual = Array.from({ length: 50 }, () => 1);
  near(spreadOf([...usual, 400]).meanMs, 1);
  near(spreadOf([...usual, 400]).leftMs(0.5), 0.5);
  assert.ok(spreadOf([...usual, 400, 400]).meanMs > 10);
  assert.ok(spreadOf([...usual, 5]).meanMs > 1.05, "five times as long is nothing special");
});

test("Spread leaves out a first run that took far longer than the next ones", () => {
  near(spreadOf([1.3]).meanMs, 1.3);
  near(spreadOf([1.3, 0.1]).meanMs, 0.1);
  near(spreadOf([1.3, 0.1, 0.12]).meanMs, 0.11, 0.02);
  near(spreadOf([1.3, 0.3]).meanMs, 0.8, 0.01);
});

test("Spread forgets: after some hundred runs it is as if the first had never been", () => {
  const spread = spreadOf(Array.from({ length: 200 }, () => 8));
  for (let i = 0; i < 1_000; i++) spread.add(2);
  spread.refresh();
  near(spread.meanMs, 2, 0.01);
  near(spread.highMs, 2);
  assert.ok(spread.samples < 130);
});

test("Spread is the same after a million runs as after a thousand", () => {
  const spread = new Spread();
  for (let i = 0; i < 1e6; i++) spread.add(i % 2 === 0 ? 1 : 3);
  spread.refresh();
  near(spread.meanMs, 2, 0.01);
  near(spread.samples, 129, 0.01);
});

test("Spread.scale() makes all times longer, and less sure", () => {
  const spread = spreadOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const { meanMs } = spread;
  spread.scale(10, 4);
  near(spread.meanMs, 10 * meanMs, 0.01);
  near(spread.samples, 4);
  assert.equal(spread.count, 4);
  for (let i = 0; i < 20; i++) spread.add(7);
  spread.refresh();
  near(spread.medianMs, 7, 0.1);
  spread.scale(10, 4, 60);
  near(spread.highMs, 60);
});

test("Spread takes times beyond what it tells apart: none, years", () => {
  const spread = spreadOf([0, 0, 1e12, 1e12]);
  assert.equal(spread.lowMs, 0);
  near(spread.highMs, 1e12);
  near(spread.meanMs, 5e11, 0.05);
});

test("Spread is saved as JSON, and restored", () => {
  const spread = spreadOf(lognormal(300, 1));
  const saved = JSON.parse(JSON.stringify(spread.save()));
  assert.ok(isSavedSpread(saved));
  const restored = Spread.load(saved);
  for (const figure of ["meanMs", "medianMs", "highMs", "samples"] as const) {
    near(restored[figure], spread[figure], figure === "samples" ? 1e-3 : 0.1);
  }
});

test("Spread counts a few long runs as nearly the longest in its variance", () => {
  const spread = new Spread();
  for (let i = 0; i < 400; i++) spread.add(i % 50 === 0 ? 500 : 2 + i % 3);
  spread.refresh();
  assert.ok(spread.meanMs > 10, `${spread.meanMs}`);
  assert.ok(Math.sqrt(spread.variance) < 2, `${Math.sqrt(spread.variance)}`);
});
