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

  highMs(cost: number): number {
    return this.model.predict(kind, cost).highMs;
  }

  learn(cost: number, runMs: number): number {
    return this.model.learn(kind, cost, runMs, NaN, 0);
  }
}

test("RunTimeModel expects nothing of a kind that never ran", () => {
  assert.ok(Number.isNaN(new Learner().typicalMs(100)));
  assert.ok(Number.isNaN(new Learner().typicalMs(NaN)));
});

test("RunTimeModel learns the time per unit of cost, one part in eight each run", () => {
  const learner = new Learner();
  learner.learn(100, 10);
  assert.equal(learner.typicalMs(100), 10);
  assert.equal(learner.typicalMs(1_000), 100);
  learner.learn(50, 13); // 0.26 for each unit, after 0.1
  assert.ok(Math.abs(learner.typicalMs(100) - 12) < 1e-9);
  for (let i = 0; i < 200; i++) learner.learn(10, 5);
  assert.ok(Math.abs(learner.typicalMs(1) - 0.5) < 1e-9);
});

test("RunTimeModel knows what few runs exceed by how far they are from the mean", () => {
  const learner = new Learner();
  assert.ok(Number.isNaN(learner.highMs(1)));
  learner.learn(2, 8);
  assert.equal(learner.highMs(1), 4); // no other is known yet
  learner.learn(1, 12); // 8 from the mean
  assert.equal(learner.typicalMs(1), 5);
  assert.equal(learner.highMs(1), 7);
  assert.equal(learner.highMs(NaN), 7);
  for (let i = 0; i < 200; i++) learner.learn(1, 5);
  assert.ok(Math.abs(learner.highMs(10) - 50) < 1e-6);
});

test("RunTimeModel learns the time per job where the cost is unknown or 0", () => {
  for (const cost of [NaN, 0]) {
    const learner = new Learner();
    learner.learn(cost, 4);
    assert.deepEqual([learner.typicalMs(NaN), learner.typicalMs(0), learner.typicalMs(1)], [
      4,
      4,
      4,
    ]);
  }
});

test("RunTimeModel takes one pause for no more than eight times the usual", () => {
  const learner = new Learner();
  learner.learn(1, 1);
  learner.learn(1, 1_000);
  assert.equal(learner.typicalMs(1), 1 + 7 / 8);
});

test("RunTimeModel finds its way from a first run that took no time", () => {
  const learner = new Learner();
  learner.learn(1, 0);
  assert.equal(learner.typicalMs(1), 0);
  learner.learn(1, 8);
  assert.equal(learner.typicalMs(1), 1);
});

test("RunTimeModel learns a job's part of a batch, and nothing from jobs that fail", async () => {
  const world = await createWorld({ cpuParallelism: 1, batchMaxSize: 2 });
  const heavy = { computeCost: 100_000 };
  for (let i = 0; i < 2; i++) offer(world, "group", { ms: 4 }, { ...heavy, scalingPotential: 1 });
  offer(world, "shared", { ms: 7, end: "throw" }, heavy);
  world.clock.run();
  offer(world, "shared", { ms: 50 }, heavy);
  world.clock.advance(5); // the only worker is busy now
  offer(world, "group", { ms: 8 }, { computeCost: 200_000 });
  assert.equal(world.router.stats().load.poolWorkMs, 8);
  offer(world, "shared", { ms: 1 }, heavy);
  assert.ok(Number.isNaN(world.router.stats().load.poolWorkMs), "nothing is known of this kind");
  world.clock.run();
});

test("RunTimeModel tells how far a run was from what was predicted, and counts runs", () => {
  const learner = new Learner();
  assert.ok(Number.isNaN(learner.learn(2, 8)));
  assert.equal(learner.learn(3, 10), -2);
  assert.equal(learner.model.predict(kind, 1).samples, 2);
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
    ...{ typicalMs: NaN, highMs: NaN, samples: 0, ageMs: NaN, error: NaN },
    ...{ postMs: NaN, busyMs: NaN, isAsync: false, probeAtMs: 0 },
  });
});

test("RunTimeModel knows how long a run keeps its thread busy, apart from how long it takes", () => {
  const model = new RunTimeModel(1);
  model.learn(kind, 10, 100, NaN, 0);
  model.learnBusy(kind, 10, 5);
  assert.ok(Number.isNaN(model.busyMs(kind, 4)), "one run may have been held up");
  model.learnBusy(kind, 10, 5);
  const { typicalMs, busyMs } = model.predict(kind, 4);
  assert.deepEqual([typicalMs, busyMs, model.busyMs(kind, 4)], [40, 2, 2]);
  model.learnBusy(kind, 10, 13);
  assert.equal(model.busyMs(kind, 10), 7);
  model.learnBusy(kind, 1, 10_000); // a pause counts as eight times the mean at most
  assert.ok(model.busyMs(kind, 10) < 20);
});

test("RunTimeModel predicts no longer a busy time than was measured, at that cost or more", () => {
  const model = new RunTimeModel(1);
  for (let i = 0; i < 2; i++) model.learnBusy(kind, 1, 3); // most of it does not depend on the cost
  assert.equal(model.busyMs(kind, 1_000), 3);
  model.learnBusy(kind, 1_000, 5);
  assert.equal(model.busyMs(kind, 1_000), 5);
  for (let i = 0; i < 100; i++) model.learnBusy(kind, 500, 1);
  assert.equal(model.busyMs(kind, 1e9), 5, "cheaper ones say nothing of it");
  for (let i = 0; i < 400; i++) model.learnBusy(kind, 1_000, 1);
  assert.ok(Math.abs(model.busyMs(kind, 1e9) - 1) < 0.01);
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

test("RunTimeModel takes the word of a quick probe at once", () => {
  const model = new RunTimeModel(1);
  for (const runMs of [60, 90, 30]) model.learn(kind, 10, runMs, NaN, 0);
  model.startProbe(kind);
  model.endProbe(kind, 10, { runMs: 1, busyMs: 1, isQuick: false }, 0);
  model.startProbe(kind);
  model.learn(kind, 10, 2, NaN, 500);
  for (let i = 0; i < 2; i++) model.learnBusy(kind, 10, 60);
  model.endProbe(kind, 10, { runMs: 2, busyMs: 1, isQuick: true }, 500);
  const { typicalMs, highMs, busyMs, probeAtMs } = model.predict(kind, 10);
  assert.deepEqual([typicalMs, highMs, busyMs, probeAtMs], [2, 2, 1, 600]);
});

test("RunTimeModel forgets how busy a first run was if the second is shorter", () => {
  const model = new RunTimeModel(1);
  model.learnBusy(kind, 1, 40); // it was compiled
  model.learnBusy(kind, 1, 1);
  assert.equal(model.busyMs(kind, 1), 1);
  const other = new RunTimeModel(1);
  for (const busyMs of [1, 9]) other.learnBusy(kind, 1, busyMs);
  assert.equal(other.busyMs(kind, 1), 1 + 7 / 4);
});

test("RunTimeModel remembers a kind that blocks now and then at the same cost", () => {
  const model = new RunTimeModel(1);
  const runs = [0.2, 20, ...Array.from({ length: 5 }, () => 20)];
  for (let round = 0; round < 20; round++) {
    for (const busyMs of runs) model.learnBusy(kind, 1, busyMs);
    for (let i = 0; i < 40; i++) model.learnBusy(kind, 1, 0.2);
    if (round > 1) assert.ok(model.busyMs(kind, 1) > 4, `${model.busyMs(kind, 1)}`);
  }
  for (let i = 0; i < 400; i++) model.learnBusy(kind, 1, 0.2);
  assert.ok(model.busyMs(kind, 1) < 0.4, "not for ever");
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

test("RunTimeModel tells how far recent predictions were off, relative to the larger", () => {
  const model = new RunTimeModel(1);
  const error = () => model.predict(kind, 1).error;
  assert.ok(Number.isNaN(error()));
  model.learn(kind, 1, 10, NaN, 0);
  assert.ok(Number.isNaN(error()), "the first run had no prediction");
  model.learn(kind, 2, 5, NaN, 0); // 20 were predicted
  assert.equal(error(), 0.75);
  const { typicalMs } = model.predict(kind, 1);
  model.learn(kind, 1, typicalMs * 4, NaN, 0);
  assert.ok(Math.abs(error() - 0.75) < 1e-9, "too long counts like too short");
  for (let i = 0; i < 200; i++) model.learn(kind, 1, 7, NaN, 0);
  assert.ok(error() < 0.01, "old errors are forgotten");
  const idle = new RunTimeModel(1);
  for (let i = 0; i < 2; i++) idle.learn(kind, 1, 0, NaN, 0);
  assert.equal(idle.predict(kind, 1).error, 0, "no time, as predicted");
  idle.learn(kind, 1, 5, NaN, 0);
  assert.equal(idle.predict(kind, 1).error, 1 / 8);
});
