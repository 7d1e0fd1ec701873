import assert from "node:assert/strict";
import { test } from "node:test";
import { Curve } from "../../src/model/curve.ts";
import { createRandom } from "../virtual/random.ts";

function meanMs(curve: Curve, cost: number): number {
  const { spread, factor } = curve.at(cost)!;
  return spread.meanMs * factor;
}

function highMs(curve: Curve, cost: number): number {
  const { spread, factor, doubt } = curve.at(cost)!;
  return spread.highMs * factor * doubt;
}

/** What a clock that ticks each `tickMs` says of a time that begins at any moment. */
function ticked(ms: number, tickMs: number, random: () => number): number {
  const fromMs = 1_000 * random();
  return tickMs * (Math.floor((fromMs + ms) / tickMs) - Math.floor(fromMs / tickMs));
}

function assertNear(actual: number, wanted: number, share: number, what = ""): void {
  assert.ok(Math.abs(actual - wanted) <= share * wanted, `${what} ${actual}, not ${wanted}`);
}

/** What costs may say of a job of so many ms. */
const words: Readonly<Record<string, (ms: number) => number>> = {
  "ms": (ms) => ms,
  "steps of some ns": (ms) => 2e4 * ms,
  "bytes, of which 300 go without saying": (ms) => 1e3 * ms - 300,
  "the side of a square": (ms) => 100 * Math.sqrt(ms),
  "a square": (ms) => ms * ms,
};

for (const [word, costOf] of Object.entries(words)) {
  test(`Curve learns what a cost means: ${word}`, () => {
    const random = createRandom(3);
    const curve = new Curve();
    for (let i = 0; i < 2_000; i++) {
      const ms = 0.5 + 60 * random();
      curve.learn(costOf(ms), ms);
    }
    for (const ms of [1, 3, 10, 27, 50]) {
      assertNear(meanMs(curve, costOf(ms)), ms, ms < 3 ? 0.2 : 0.07, `${ms} ms:`);
      assert.ok(highMs(curve, costOf(ms)) < 1.35 * ms, `${ms}: ${highMs(curve, costOf(ms))}`);
    }
    assertNear(meanMs(curve, costOf(240)), 240, 0.35, "never seen:");
  });
}

test("Curve believes a cost only as far as it explains", () => {
  const random = createRandom(5);
  const useless = new Curve();
  const noisy = new Curve();
  for (let i = 0; i < 5_000; i++) {
    const ms = 2 ** (6 * random());
    useless.learn(1 + 1_000 * random(), ms);
    noisy.learn(ms * 10 ** (2 * random() - 1), ms);
  }
  const overall = 63 / (6 * Math.LN2);
  for (const cost of [10, 100, 900]) assertNear(meanMs(useless, cost), overall, 0.35, `${cost}:`);
  assert.ok(highMs(useless, 100) > 40, "any may be a long one");
  assert.ok(meanMs(noisy, 0.3) < 4 && meanMs(noisy, 300) > 30, "what it says is something");
});

test("Curve learns without costs, apart from those with one", () => {
  const curve = new Curve();
  assert.equal(curve.at(NaN), null);
  for (let i = 0; i < 10; i++) curve.learn(NaN, 5);
  assertNear(meanMs(curve, NaN), 5, 1e-9);
  assertNear(meanMs(curve, 0), 5, 1e-9, "a cost of 0 tells nothing");
  assertNear(meanMs(curve, 77), 5, 1e-9, "all that is known");
  for (let i = 0; i < 10; i++) curve.learn(3, 70);
  assertNear(meanMs(curve, NaN), 5, 1e-9);
  assertNear(meanMs(curve, 3), 70, 1e-9);
});

test("Curve is in doubt beyond what it has seen, and says so", () => {
  const curve = new Curve();
  for (let i = 0; i < 20; i++) curve.learn(10, 1);
  const { samples, isBeyond } = curve.at(11)!;
  assert.deepEqual([samples, isBeyond], [20, false]);
  const up = { ...curve.at(1_000)! };
  assert.deepEqual([up.samples, up.isBeyond], [0, true]);
  assert.ok(up.doubt > 5);
  const down = { ...curve.at(0.1)! };
  assert.deepEqual([down.samples, down.isBeyond, down.doubt], [20, false, 1]);
});

test("Curve learns how times below a microsecond go with a cost", () => {
  const curve = new Curve();
  for (let i = 0; i < 400; i++) {
    const cost = 1 + i % 100;
    curve.learn(cost, cost * 1e-5);
  }
  for (const cost of [5, 30, 90]) assertNear(meanMs(curve, cost), cost * 1e-5, 0.1, `${cost}:`);
});

test("Curve is in no doubt between what it has seen", () => {
  const curve = new Curve();
  for (const cost of [10, 1_000]) for (let i = 0; i < 20; i++) curve.learn(cost, cost / 10);
  for (const cost of [17, 30, 100, 300]) {
    const { samples, isBeyond, doubt } = curve.at(cost)!;
    assert.deepEqual([samples, isBeyond, doubt], [20, false, 1], `${cost}`);
    assertNear(meanMs(curve, cost), cost / 10, 0.1, `${cost}:`);
  }
});

test("Curve re-learns within 100 jobs, for all costs at once, when a job gets ten times slower", () => {
  const random = createRandom(11);
  for (const factor of [10, 0.1]) {
    const curve = new Curve();
    const cost = () => 1 + 99 * random();
    for (let i = 0; i < 1_000; i++) {
      const c = cost();
      curve.learn(c, c * (0.8 + 0.4 * random()));
    }
    for (let i = 0; i < 100; i++) {
      const c = cost();
      curve.learn(c, factor * c * (0.8 + 0.4 * random()));
    }
    for (const c of [5, 20, 80]) assertNear(meanMs(curve, c), factor * c, 0.2, `${factor}, ${c}:`);
  }
});

test("Curve keeps no trace of one outlier, or of a pause, after 50 runs", () => {
  const random = createRandom(13);
  const [calm, disturbed] = [new Curve(), new Curve()];
  for (let i = 0; i < 250; i++) {
    const ms = 1 + random();
    calm.learn(NaN, ms);
    disturbed.learn(NaN, i === 200 ? 400 : ms);
  }
  assertNear(meanMs(disturbed, NaN), meanMs(calm, NaN), 0.02);
  assertNear(highMs(disturbed, NaN), highMs(calm, NaN), 0.05);
});

test("Curve takes what was unusual at one time for a pause, however many ran, and what lasts for a change", () => {
  const random = createRandom(15);
  const curve = new Curve();
  const learnRound = (round: number, pauseMs: number): number[] =>
    Array.from({ length: 20 }, () => {
      const ms = 1 + 9 * random() + pauseMs;
      return curve.learn(NaN, ms, round * 100, round * 100 + ms);
    });
  for (let round = 0; round < 50; round++) learnRound(round, 0);
  const [usualMs, boundMs] = [curve.at(NaN)!.spread.medianMs, highMs(curve, NaN)];
  assert.ok(learnRound(50, 90).every((factor) => factor === 1));
  assertNear(curve.at(NaN)!.spread.medianMs, usualMs, 0.3);
  assert.ok(highMs(curve, NaN) < boundMs + 90, `${highMs(curve, NaN)}`);
  for (let round = 51; round < 55; round++) learnRound(round, 0);
  const told = [55, 56, 57].map((round) => learnRound(round, 90).some((factor) => factor > 5));
  assert.deepEqual(told, [false, false, true]);
});

test("Curve takes one run's word after a jump", () => {
  const curve = new Curve();
  curve.jump(NaN, 5); // it knows nothing yet
  for (let i = 0; i < 50; i++) curve.learn(NaN, 200);
  curve.jump(NaN, 5);
  assertNear(meanMs(curve, NaN), 5, 0.01);
  assert.equal(curve.at(NaN)!.samples, 1);
});

test("Curve is saved and restored; what is damaged is not", () => {
  const curve = new Curve();
  for (let i = 1; i <= 200; i++) curve.learn(i, i / 10);
  const saved = JSON.parse(JSON.stringify(curve.save()));
  const restored = Curve.load(saved)!;
  for (const cost of [10, 50, 190]) {
    assertNear(meanMs(restored, cost), meanMs(curve, cost), 0.05, `${cost}:`);
  }
  for (const wrong of [null, {}, [], { ...saved, slope: 4 }, { ...saved, octaves: [[1, 2]] }]) {
    assert.equal(Curve.load(wrong), null, JSON.stringify(wrong));
  }
});

for (const [least, most] of [[0.1, 0.9], [0.1, 4], [1, 8]]) {
  test(`Curve is not misled by a clock that ticks each ms: ${least} to ${most} ms`, () => {
    const random = createRandom(5);
    const curve = new Curve();
    for (let i = 0; i < 400; i++) {
      const ms = least * (most / least) ** random();
      curve.learn(1_000 * ms, ticked(ms, 1, random));
    }
    for (const ms of [0.5, 5, 50]) {
      assertNear(meanMs(curve, 1_000 * ms), ms, 0.35, `${ms} ms:`);
    }
  });
}

test("Curve is not misled by a clock that ticks each ms when runs begin to take longer", () => {
  const random = createRandom(6);
  const curve = new Curve();
  for (let i = 0; i < 200; i++) curve.learn(1, ticked(0.001, 1, random));
  for (let i = 0; i < 60; i++) curve.learn(1, ticked(3, 1, random));
  assertNear(meanMs(curve, 1), 3, 0.1);
});

test("Curve takes no run to be longer than those that told of a change", () => {
  const curve = new Curve();
  for (let i = 0; i < 100; i++) curve.learn(NaN, i % 12 === 0 ? 4 : 0.01);
  for (let i = 0; i < 8; i++) curve.learn(NaN, 4.1 + i / 10);
  assert.ok(curve.at(NaN)!.spread.highMs < 5, `${curve.at(NaN)!.spread.highMs}`);
});
