import assert from "node:assert/strict";
import { test } from "node:test";
import { RunTimeModel } from "../../src/model/model.ts";
import { createRandom } from "../virtual/random.ts";

const kind = { index: 0 };
const close = (value: number, wanted: number, share: number, of = "") =>
  assert.ok(Math.abs(value - wanted) <= share * wanted, `${of} ${value}, wanted ${wanted}`);

/** A model of a kind whose batches take a fixed part, and something for each job, give or take 20 %. */
class Batched {
  readonly model = new RunTimeModel(1);
  readonly random = createRandom(3);

  noisy(ms: number): number {
    return ms * (1 + 0.2 * (2 * this.random() - 1));
  }

  alone(ms: number, cost = NaN, runs = 20): this {
    for (let i = 0; i < runs; i++) this.model.learn(kind, cost, this.noisy(ms), NaN, 0);
    return this;
  }

  batches(fixedMs: number, itemMs: number, count = 300, sizes = 8): this {
    for (let i = 0; i < count; i++) {
      const size = sizes === 1 ? 8 : 1 + Math.floor(this.random() * sizes);
      this.batch(new Array(size).fill(NaN), this.noisy(fixedMs + size * itemMs));
    }
    return this;
  }

  batch(costs: readonly number[], ms: number, ok = true, busyMs = ms): void {
    this.model.learnBatch(kind, costs, ok, ms, busyMs);
  }

  /** What a batch of so many jobs is expected to take. */
  ms(size: number, cost = NaN): number {
    const { fixedMs, itemMs } = this.model.batch(kind, cost);
    return fixedMs + size * itemMs;
  }
}

test("the fixed part of a batch, and the part for each job, are learned to within 10 %", () => {
  for (const [fixedMs, itemMs] of [[2, 0.5], [20, 3], [0.05, 0.02]]) {
    const { fixedMs: fixed, itemMs: item, runs } = new Batched().alone(fixedMs + itemMs)
      .batches(fixedMs, itemMs).model.batch(kind, NaN);
    close(fixed, fixedMs, 0.1, "fixed");
    close(item, itemMs, 0.1, "item");
    assert.equal(runs, 300);
  }
});

test("batches and single runs are learned apart", () => {
  const { model } = new Batched().alone(10).batches(2, 0.5);
  close(model.typicalMs(kind, NaN), 10, 0.1);
  close(model.batch(kind, NaN).aloneMs, 10, 0.1);
});

test("batches of one size show what each part is by how long a job takes alone", () => {
  const known = new Batched().alone(5).batches(4, 1, 300, 1);
  close(known.ms(8), 12, 0.05);
  close(known.ms(1), 5, 0.1, "as alone");
  const unknown = new Batched().batches(4, 1, 300, 1);
  close(unknown.ms(8), 12, 0.05);
  assert.equal(unknown.model.batch(kind, NaN).fixedMs, 0);
});

test("jobs that take longer alone take longer in a batch, if batches show that", () => {
  const learner = new Batched();
  for (const cost of [1, 10]) learner.alone(1 + cost, cost, 100);
  for (let i = 0; i < 300; i++) {
    const costs = Array.from({ length: 1 + i % 8 }, () => learner.random() < 0.5 ? 1 : 10);
    learner.batch(costs, learner.noisy(1 + costs.reduce((sum, cost) => sum + cost, 0)));
  }
  close(learner.ms(4, 1), 5, 0.5);
  close(learner.ms(4, 10), 41, 0.15);
});

test("a single batch that was held up is no news, eight in a row are", () => {
  const learner = new Batched().alone(3).batches(2, 1);
  const before = learner.ms(8);
  learner.batch(new Array(8).fill(NaN), 400);
  close(learner.ms(8), before, 0.03);
  learner.batches(2, 1, 50);
  close(learner.ms(8), 10, 0.06);
  learner.batches(20, 10, 60);
  close(learner.ms(8), 100, 0.1, "ten times slower");
  learner.batches(2, 1, 60);
  close(learner.ms(8), 10, 0.1, "and back");
});

test("a batch that did not complete would have taken so long at least", () => {
  const learner = new Batched().alone(3).batches(2, 1);
  const before = learner.ms(8);
  learner.batch(new Array(8).fill(NaN), 5, false);
  assert.equal(learner.ms(8), before);
  learner.batch(new Array(8).fill(NaN), 20, false);
  assert.ok(learner.ms(8) > before);
});

test("a batch of which nothing was seen is expected to save nothing", () => {
  const { model } = new Batched();
  assert.ok(Number.isNaN(model.batch(kind, NaN).itemMs));
  model.learn(kind, NaN, 4, NaN, 0);
  assert.deepEqual([model.batch(kind, NaN).fixedMs, model.batch(kind, NaN).itemMs], [0, 4]);
});

test("shares of batches stand for runs until there is one, and never make a job tiny", () => {
  const { model } = new Batched();
  for (let i = 0; i < 20; i++) model.learnShare(kind, NaN, 0.1, 0.1, 0);
  const { typicalMs, samples } = { ...model.predict(kind, NaN) };
  close(typicalMs, 0.1, 0.01);
  assert.equal(samples, 0);
  assert.ok(Number.isNaN(model.batch(kind, NaN).aloneMs));
  model.learn(kind, NaN, 4, 4, 0);
  assert.equal(model.typicalMs(kind, NaN), 4);
  assert.ok(Number.isNaN(model.learnShare(kind, NaN, 0.1, 0.1, 0)));
  assert.equal(model.typicalMs(kind, NaN), 4);
});

test("batches that do not pay are tried again at ever rarer times, up to 10 s", () => {
  const { model } = new Batched().alone(1).batches(0, 1, 20);
  let nowMs = 0;
  const waits = Array.from({ length: 9 }, () => {
    model.triesBatch(kind, false, nowMs);
    const { tryAtMs } = model.batch(kind, NaN);
    const waitMs = tryAtMs - nowMs;
    nowMs = tryAtMs;
    return waitMs;
  });
  assert.deepEqual(waits, [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  model.triesBatch(kind, true, nowMs);
  model.triesBatch(kind, false, nowMs);
  assert.equal(model.batch(kind, NaN).tryAtMs, nowMs + 100);
});

test("a quick batch that was tried replaces what was known, a slow one does not", () => {
  const learner = new Batched().alone(3).batches(0, 6);
  learner.batch(new Array(4).fill(NaN), 4);
  assert.ok(learner.ms(4) > 20, "it may have been luck");
  for (const ms of [26, 4]) {
    learner.model.triesBatch(kind, false, 0);
    learner.batch(new Array(4).fill(NaN), ms);
    assert.equal(learner.ms(4) > 20, ms > 20, `${learner.ms(4)}`);
  }
});

test("what is known of batches is saved and restored, and refused if it is damaged", () => {
  const { model } = new Batched().alone(3).batches(2, 1);
  const saved = JSON.parse(JSON.stringify(model.save(["k"], 0)));
  const restored = new RunTimeModel(1);
  assert.ok(restored.load(saved, ["k"], 0));
  const [before, after] = [{ ...model.batch(kind, NaN) }, { ...restored.batch(kind, NaN) }];
  assert.deepEqual([after.fixedMs, after.itemMs, after.runs], [
    before.fixedMs,
    before.itemMs,
    before.runs,
  ]);
  restored.learnBatch(kind, [NaN, NaN], true, 4, 4);
  close(restored.batch(kind, NaN).fixedMs, 2, 0.1);
  const { batches: _none, ranAlone: _alone, ...old } = saved[0];
  assert.ok(new RunTimeModel(1).load([old], ["k"], 0), "of a version without batches");
  const { batches } = saved[0];
  for (
    const damage of [
      { ...batches, byNumber: batches.byNumber.slice(1) },
      { ...batches, byNumber: [...batches.byNumber.slice(0, 8), "1"] },
      { ...batches, byWork: [-1, ...batches.byWork.slice(1)] },
      { ...batches, busyShare: 2 },
      { ...batches, tryEveryMs: 1e9 },
      {},
      "batches",
    ]
  ) {
    const model = new RunTimeModel(1);
    assert.ok(!model.load([{ ...saved[0], batches: damage }], ["k"], 0), JSON.stringify(damage));
  }
  assert.ok(!new RunTimeModel(1).load([{ ...saved[0], ranAlone: 1 }], ["k"], 0));
});
