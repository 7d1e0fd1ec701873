import assert from "node:assert/strict";
import { test } from "node:test";
import { RunTimeModel } from "../../src/model/model.ts";
import { createWorld, offer } from "../virtual/world.ts";

const kind = { index: 0 };

/** A model of one kind, whose figures can be asked one by one. */
class Learner {
  readonly model = new RunTimeModel(1);

  typicalMs(cost: number): number {
    assert.ok(
      Object.is(this.model.typicalMs(kind, cost), this.model.predict(kind, cost).typicalMs),
    );
    return this.model.predict(kind, cost).typicalMs;
  }

  learn(cost: number, runMs: number): number {
    return this.model.learn(kind, cost, runMs, NaN, 0);
  }
}

test("RunTimeModel expects nothing of a kind that never ran", () => {
  assert.ok(Number.isNaN(new Learner().typicalMs(100)));
  assert.ok(Number.isNaN(new Learner().typicalMs(NaN)));
});

test("RunTimeModel learns a job's part of a batch, and of one that fails how long it takes at least", async () => {
  const world = await createWorld({ cpuParallelism: 1, batchMaxSize: 2 });
  const heavy = { computeCost: 100_000 };
  for (let i = 0; i < 2; i++) offer(world, "group", { ms: 4 }, { ...heavy, scalingPotential: 1 });
  offer(world, "shared", { ms: 7, end: "throw" }, heavy);
  world.clock.run();
  offer(world, "shared", { ms: 50 }, heavy);
  world.clock.advance(5); // the only worker is busy now
  offer(world, "group", { ms: 8 }, { computeCost: 200_000 });
  assert.equal(Math.round(world.router.stats().load.poolWorkMs), 8);
  offer(world, "shared", { ms: 1 }, heavy);
  assert.equal(Math.round(world.router.stats().load.poolWorkMs), 8 + 7);
  world.clock.run();
});

test("RunTimeModel lets an estimate be tested 100 ms after the last run", () => {
  const model = new RunTimeModel(1);
  const probeAtMs = () => model.predict(kind, 1).probeAtMs;
  model.learn(kind, 1, 60, NaN, 1_000);
  assert.equal(probeAtMs(), 1_100);
  model.learn(kind, 1, 60, NaN, 1_050);
  assert.equal(probeAtMs(), 1_150);
  model.startProbe(kind);
  assert.equal(probeAtMs(), Infinity);
  model.endProbe(kind, 1, { runMs: NaN, busyMs: NaN, isQuick: false }, 1_200); // it never ran
  assert.equal(probeAtMs(), 1_150);
});

test("RunTimeModel waits twice as long after each slow probe, up to 50 times its run", () => {
  const model = new RunTimeModel(1);
  model.learn(kind, 1, 10, NaN, 0);
  const waits = Array.from({ length: 5 }, () => {
    model.startProbe(kind);
    model.endProbe(kind, 1, { runMs: 10, busyMs: 10, isQuick: false }, 0);
    return model.predict(kind, 1).probeAtMs;
  });
  assert.deepEqual(waits, [200, 400, 500, 500, 500]);
  model.endProbe(kind, 1, { runMs: 0.1, busyMs: 0.1, isQuick: false }, 0);
  assert.equal(model.predict(kind, 1).probeAtMs, 100, "never less than at first");
});

test("RunTimeModel tells how old an estimate is, by the time of the load", async () => {
  const world = await createWorld();
  const ageMs = () => world.router.load.model.predict({ index: 0 }, 1).ageMs;
  assert.ok(Number.isNaN(ageMs()), "nothing was learned");
  offer(world, "local", { ms: 3 }, { computeCost: 1 });
  world.clock.run();
  world.clock.advance(40);
  offer(world, "shared");
  const before = ageMs();
  assert.equal(before, world.router.load.nowMs - 3);
  assert.ok(before >= 40);
});

test("RunTimeModel finds its way from runs that took no time", () => {
  const learner = new Learner();
  for (let i = 0; i < 3; i++) learner.learn(1, 0);
  assert.equal(learner.typicalMs(1), 0);
  for (let i = 0; i < 100; i++) learner.learn(1, 8);
  assert.ok(Math.abs(learner.typicalMs(1) - 8) < 0.3);
});

test("RunTimeModel tells how far a run was from what was predicted, and counts runs", () => {
  const learner = new Learner();
  assert.ok(Number.isNaN(learner.learn(2, 8)));
  assert.ok(Math.abs(learner.learn(2, 10) - 2) < 1e-9);
  assert.equal(learner.model.predict(kind, 2).samples, 2);
});

test("RunTimeModel learns what handing over an input takes, and keeps kinds apart", () => {
  const model = new RunTimeModel(2);
  assert.ok(Number.isNaN(model.predict(kind, 1).postMs));
  model.learnPost(kind, 1);
  model.learnPost(kind, 9);
  assert.equal(model.predict(kind, 1).postMs, 2);
  model.learn(kind, 1, 1, NaN, 0);
  const other = model.predict({ index: 1 }, 1);
  assert.deepEqual({ ...other }, {
    ...{ typicalMs: NaN, highMs: NaN, samples: 0, runs: 0, ageMs: NaN, error: NaN, postMs: NaN },
    ...{ busyMs: NaN, busyMedianMs: NaN, busyTypicalMs: NaN, isAsync: false, probeAtMs: 0 },
  });
  for (const ms of [model.needsMs({ index: 1 }, 1, 9), model.leftMs({ index: 1 }, 1, 9)]) {
    assert.ok(Number.isNaN(ms));
  }
});

test("RunTimeModel knows how long a run keeps its thread busy, apart from how long it takes", () => {
  const model = new RunTimeModel(1);
  model.learn(kind, 10, 100, 5, 0);
  assert.ok(Number.isNaN(model.busyMs(kind, 10)), "one run may have been held up");
  for (let i = 0; i < 20; i++) model.learn(kind, 10, 100, 5, 0);
  const { typicalMs, busyMs, busyMedianMs, busyTypicalMs, isAsync } = model.predict(kind, 10);
  assert.deepEqual([typicalMs, busyMs, busyMedianMs, busyTypicalMs].map(Math.round), [
    100,
    5,
    5,
    5,
  ]);
  assert.equal(isAsync, true);
  assert.equal(model.busyMs(kind, 10), busyMs);
});

test("RunTimeModel predicts no longer a busy time than was measured", () => {
  const model = new RunTimeModel(1);
  for (let i = 0; i < 3; i++) model.learn(kind, 1, 3, 3, 0); // most of it may not depend on the cost
  assert.ok(model.busyMs(kind, 1_000) < 3 * 1.5);
  assert.ok(model.predict(kind, 1_000).highMs > 3_000, "but a run that long would be no surprise");
});

test("RunTimeModel remembers a kind that blocks now and then at the same cost", () => {
  const model = new RunTimeModel(1);
  for (let i = 0; i < 200; i++) model.learn(kind, 1, i % 20 === 0 ? 20 : 0.2, NaN, 0);
  const { busyMs, busyMedianMs } = model.predict(kind, 1);
  assert.ok(busyMs > 15 && busyMedianMs < 0.3, `${busyMs}, ${busyMedianMs}`);
  for (let i = 0; i < 1_000; i++) model.learn(kind, 1, 0.2, NaN, 0);
  assert.ok(model.busyMs(kind, 1) < 0.4, "not for ever");
});

test("RunTimeModel learns from runs that were stopped as from runs that take so long at least", () => {
  const model = new RunTimeModel(1);
  for (let i = 0; i < 3; i++) model.learnAtLeast(kind, 1, 100);
  assert.ok(Math.abs(model.busyMs(kind, 1) - 100) < 1e-9);
  for (let i = 0; i < 100; i++) model.learnAtLeast(kind, 1, 2);
  assert.ok(model.busyMs(kind, 1) > 99, "that they take 2 ms at least is no news");
});

test("RunTimeModel takes the word of a quick probe at once", () => {
  const model = new RunTimeModel(1);
  for (let i = 0; i < 20; i++) model.learn(kind, 10, 60, NaN, 0);
  model.startProbe(kind);
  model.learn(kind, 10, 2, NaN, 500);
  model.endProbe(kind, 10, { runMs: 2, busyMs: 2, isQuick: true }, 500);
  const { typicalMs, highMs, probeAtMs } = model.predict(kind, 10);
  assert.ok(typicalMs < 2.2 && highMs < 2.5, `${typicalMs}, ${highMs}`);
  assert.equal(probeAtMs, 600);
});

test("RunTimeModel knows what a job needs, for all that it has left", () => {
  const model = new RunTimeModel(1);
  for (let i = 0; i < 400; i++) model.learn(kind, NaN, i % 4 === 0 ? 100 : 10, NaN, 0);
  assert.ok(Math.abs(model.needsMs(kind, NaN, 50) - 10) < 0.1, "the long ones are late anyway");
  assert.ok(model.needsMs(kind, NaN, 200) > 50);
  assert.ok(Math.abs(model.shareWithin(kind, NaN, 50) - 0.75) < 0.02);
  assert.ok(Math.abs(model.leftMs(kind, NaN, 20) - 80) < 1, "it is a long one");
  assert.ok(Math.abs(Math.sqrt(model.variance(kind, NaN)) - 39) < 2);
});

test("RunTimeModel tells how far recent predictions were off, relative to the larger", () => {
  const model = new RunTimeModel(1);
  const error = () => model.predict(kind, 1).error;
  assert.ok(Number.isNaN(error()));
  model.learn(kind, NaN, 10, NaN, 0);
  assert.ok(Number.isNaN(error()), "the first run had no prediction");
  model.learn(kind, NaN, 2.5, NaN, 0);
  assert.equal(error(), 0.75);
  for (let i = 0; i < 400; i++) model.learn(kind, NaN, 7, NaN, 0);
  assert.ok(error() < 0.02, "old errors are forgotten");
  const idle = new RunTimeModel(1);
  for (let i = 0; i < 2; i++) idle.learn(kind, 1, 0, NaN, 0);
  assert.equal(idle.predict(kind, 1).error, 0, "no time, as predicted");
  idle.learn(kind, 1, 5, NaN, 0);
  assert.equal(idle.predict(kind, 1).error, 1 / 8);
});

/** A run that the router learns from, or not; returns whether it does. */
function run(model: RunTimeModel, ms: number, nowMs: number): boolean {
  model.time = { nowMs, cpuParallelism: 1, poolRunning: 0 };
  if (model.skips(kind, ms)) return false;
  model.learn(kind, NaN, ms, ms, nowMs);
  return true;
}

test("RunTimeModel learns from one in 512 of the runs of a kind that never takes time", () => {
  const model = new RunTimeModel(1);
  let learned = 0;
  for (let i = 0; i < 512 + 5_120; i++) learned += +run(model, 0.001, i);
  assert.equal(learned, 512 + 10);
  assert.equal(model.predict(kind, NaN).ageMs, 0, "that it runs is known");
});

test("RunTimeModel learns from the next eight runs, too, after one that took time", () => {
  const model = new RunTimeModel(1);
  for (let i = 0; i < 600; i++) run(model, 0.001, i);
  run(model, 5, 600);
  for (let i = 0; i < 8; i++) assert.ok(run(model, 0.001, 601 + i));
  assert.ok(!run(model, 0.001, 610));
});

test("RunTimeModel learns at once that a kind takes time which took none", () => {
  const model = new RunTimeModel(1);
  for (let i = 0; i < 2_000; i++) run(model, 0.001, i);
  for (let i = 1; i <= 20; i++) run(model, 20, 2_000 + 20 * i);
  const { busyMedianMs } = model.predict(kind, NaN);
  assert.ok(busyMedianMs > 15, `${busyMedianMs} ms`);
});

test("RunTimeModel is not misled by the runs that it skips if some take time", () => {
  for (const every of [10, 100, 1_000]) {
    const model = new RunTimeModel(1);
    for (let i = 0; i < 20_000; i++) run(model, i % every === 0 ? 20 : 0.001, i);
    const { typicalMs, busyMedianMs } = model.predict(kind, NaN);
    assert.ok(busyMedianMs < 0.01, `1 in ${every}: half of them take ${busyMedianMs} ms`);
    assert.ok(typicalMs < 3 * 20 / every, `1 in ${every}: ${typicalMs} ms on average`);
  }
});

test("RunTimeModel takes a kind that hardly varies to need its bound, whatever is left", () => {
  const model = new RunTimeModel(1);
  for (let i = 0; i < 100; i++) model.learn(kind, NaN, i % 10 === 0 ? 12 : 10, NaN, 0);
  for (const withinMs of [0, 10.5, 50]) {
    assert.ok(model.needsMs(kind, NaN, withinMs) > 10.4, `${model.needsMs(kind, NaN, withinMs)}`);
  }
});

/** Probes 20 slow kinds as often as they may be; returns the time that takes, in ms. */
function probeAll(forMs: number, poolRunning: number): number {
  const kinds = Array.from({ length: 20 }, (_, index) => ({ index }));
  const model = new RunTimeModel(kinds.length);
  let probingMs = 0;
  for (let nowMs = 0; nowMs < forMs; nowMs += 10) {
    model.time = { nowMs, cpuParallelism: 2, poolRunning };
    for (const kind of kinds) {
      if (model.predict(kind, NaN).probeAtMs > nowMs) continue;
      model.startProbe(kind);
      model.learn(kind, NaN, 80, 80, nowMs);
      model.endProbe(kind, NaN, { runMs: 80, busyMs: 80, isQuick: false }, nowMs);
      probingMs += 80;
    }
  }
  return probingMs;
}

test("RunTimeModel has all probes together take 2 % of the workers from others", () => {
  const ms = probeAll(100_000, 2);
  const creditMs = 0.02 * 2 * 10_000 + 80;
  assert.ok(ms > 0.9 * 0.02 * 2 * 100_000 && ms <= 0.02 * 2 * 100_000 + creditMs, `${ms} ms`);
});

test("RunTimeModel has probes on idle workers as often as each kind may", () => {
  const ms = probeAll(100_000, 1);
  assert.ok(ms > 0.1 * 2 * 100_000, `${ms} ms`);
});

/** A model of kinds that take 4, 30 and 200 ms, and one that waits for 50 ms. */
function knowFour(): RunTimeModel {
  const model = new RunTimeModel(4);
  [4, 30, 200, 50].forEach((ms, index) => {
    for (let i = 0; i < 40; i++) model.learn({ index }, NaN, ms, index === 3 ? 1 : ms, i);
  });
  return model;
}

test("RunTimeModel takes the machine for slower when two kinds are, and all kinds with it", () => {
  for (const factor of [2, 0.5, 6]) {
    const model = knowFour();
    for (let i = 0; i < 8; i++) {
      const nowMs = 1_000 + 200 * i;
      model.learn({ index: 0 }, NaN, 4 * factor, 4 * factor, nowMs);
      model.learn({ index: 1 }, NaN, 30 * factor, 30 * factor, nowMs);
    }
    const rare = model.predict({ index: 2 }, NaN);
    assert.ok(Math.abs(rare.typicalMs / (200 * factor) - 1) < 0.05, `${rare.typicalMs}`);
    const waits = { ...model.predict({ index: 3 }, NaN) };
    assert.ok(
      Math.abs(waits.typicalMs - 50) < 1,
      `what it waits for is not slower: ${waits.typicalMs}`,
    );
    assert.ok(Math.abs(waits.busyTypicalMs / factor - 1) < 0.05, `${waits.busyTypicalMs}`);
  }
});

test("RunTimeModel leaves a kind as it is whose own runs tell that it has not changed", () => {
  const model = knowFour();
  for (let i = 0; i < 8; i++) {
    const nowMs = 1_000 + 200 * i;
    model.learn({ index: 0 }, NaN, 8, 8, nowMs);
    model.learn({ index: 1 }, NaN, 60, 60, nowMs);
    model.learn({ index: 2 }, NaN, 200, 200, nowMs);
  }
  model.learn({ index: 2 }, NaN, 200, 200, 2_800);
  assert.ok(Math.abs(model.typicalMs({ index: 2 }, NaN) - 200) < 1);
});

test("RunTimeModel takes kinds that change by different factors, or at other times, for themselves", () => {
  for (const [second, atMs] of [[300, 1_010], [60, 12_000]]) {
    const model = knowFour();
    for (let i = 0; i < 9; i++) model.learn({ index: 0 }, NaN, 8, 8, 1_000 + 300 * i);
    for (let i = 0; i < 9; i++) model.learn({ index: 1 }, NaN, second, second, atMs + 300 * i);
    assert.ok(Math.abs(model.typicalMs({ index: 2 }, NaN) - 200) < 1, `${second} ms at ${atMs}`);
  }
});
