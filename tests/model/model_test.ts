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
    return this.model.learn(kind, cost, runMs);
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
  model.learn(kind, 1, 1);
  const other = model.predict({ index: 1 }, 1);
  assert.deepEqual({ ...other }, { typicalMs: NaN, highMs: NaN, samples: 0, postMs: NaN });
});
