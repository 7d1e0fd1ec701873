// Calls of kinds of which nothing is known.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "../../../src/job/job.ts";
import { FairBench } from "./fair_bench.ts";

test("FairQueue has the second of an unknown kind wait while others do, as long as the first runs", () => {
  const bench = new FairBench().know(1, 5);
  bench.held.add(0); // the first runs
  const unknown = Array.from({ length: 3 }, () => bench.push(0));
  const known = [bench.push(1), bench.push(1, { latencyBudgetMs: 1_000 })];
  assert.equal(bench.ends[0], known[0].id);
  assert.equal(bench.queue.length, 5);
  assert.deepEqual(bench.drain(), [...known, ...unknown].map(({ id }) => id));
});

test("FairQueue plans the first of an unknown kind as one that takes no time", () => {
  const bench = new FairBench().know(1, 5);
  const hasty = bench.push(1, { latencyBudgetMs: 6 });
  const unknown = bench.push(0, { latencyBudgetMs: 6 });
  const next = bench.push(1, { latencyBudgetMs: 11 });
  assert.deepEqual(bench.drain(), [hasty, unknown, next].map(({ id }) => id));
});

test("FairQueue plans those of a kind that has become known", () => {
  const bench = new FairBench().know(1, 5);
  const known = bench.push(1);
  const unknown = Array.from({ length: 3 }, () => bench.push(0, { latencyBudgetMs: 20 }));
  assert.deepEqual(bench.ends, [unknown[0].id, known.id]);
  assert.equal(bench.take()?.facts.id, unknown[0].id);
  assert.equal(bench.ends[0], known.id);
  bench.know(0, 2);
  assert.deepEqual(bench.drain(), [unknown[1], unknown[2], known].map(({ id }) => id));
});

test("FairQueue has those of an unknown kind start when no other waits", () => {
  const bench = new FairBench();
  bench.workers = 4;
  const unknown = Array.from({ length: 5 }, () => bench.push(0, { latencyBudgetMs: 20 }));
  assert.deepEqual(bench.drain(), unknown.map(({ id }) => id));
});

test("FairQueue plans the next of an unknown kind if the first has left without a run", () => {
  const bench = new FairBench().know(1, 5);
  const known = bench.push(1);
  const unknown = Array.from({ length: 3 }, () => bench.push(0, { latencyBudgetMs: 20 }));
  const leave = (job: Job) => {
    assert.equal(bench.queue.remove(job), true);
    bench.inFlight(0, -1);
  };
  for (const job of unknown.slice(0, 2)) {
    assert.equal(bench.ends[0], job.id);
    leave(job);
  }
  assert.deepEqual(bench.drain(), [unknown[2], known].map(({ id }) => id));
});

test("FairQueue lets go of those of an unknown kind that are removed", () => {
  const bench = new FairBench().know(1, 5);
  const other = bench.push(1);
  const unknown = Array.from({ length: 3 }, () => bench.push(0, { latencyBudgetMs: 20 }));
  for (const job of unknown) assert.equal(bench.queue.remove(job), true);
  bench.know(0, 2);
  assert.deepEqual(bench.drain(), [other.id]);
});

test("FairQueue asks once for each kind whether it is known by now, however many wait", () => {
  const bench = new FairBench().know(1, 5);
  bench.push(1);
  for (let i = 0; i < 2_000; i++) bench.push(i % 2 === 0 ? 0 : 2, { latencyBudgetMs: 1_000 });
  const { model } = bench;
  const { typicalMs } = model;
  let asked = 0;
  model.typicalMs = (...place) => {
    asked++;
    return typicalMs.apply(model, place);
  };
  assert.ok(bench.queue.first !== null && bench.queue.length === 2_001);
  assert.ok(asked <= 4, `${asked} times`);
});

test("FairQueue has those of an unknown kind start by their deadlines", () => {
  const bench = new FairBench();
  const budgets = [50, 20, 40, 10, 30];
  const unknown = budgets.map((latencyBudgetMs) => bench.push(0, { latencyBudgetMs }));
  assert.deepEqual(bench.drain(), [3, 1, 4, 2, 0].map((place) => unknown[place].id));
});

test("FairQueue has short ones that came before any had run start by deadline, beside a plan", () => {
  const bench = new FairBench().know(1, 5);
  bench.held.add(0);
  const unknown = [40, 10, 60].map((latencyBudgetMs) => bench.push(0, { latencyBudgetMs }));
  const known = [20, 70].map((latencyBudgetMs) => bench.push(1, { latencyBudgetMs }));
  bench.know(0, 0.1);
  const order = [unknown[1], known[0], unknown[0], unknown[2], known[1]];
  assert.deepEqual(bench.drain(), order.map(({ id }) => id));
});
