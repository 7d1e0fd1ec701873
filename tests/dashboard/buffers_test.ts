import assert from "node:assert/strict";
import { test } from "node:test";
import { CostSample } from "../../src/http/dashboard/page/cost_sample.ts";
import { History } from "../../src/http/dashboard/page/history.ts";
import { Recent } from "../../src/http/dashboard/page/recent.ts";

test("Recent keeps the newest, and gives them newest first", () => {
  const recent = new Recent<number>(3);
  assert.deepEqual(recent.newest(9), []);
  for (let i = 1; i <= 5; i++) {
    recent.add(i);
    const wanted = [i, i - 1, i - 2].filter((value) => value > 0);
    assert.deepEqual(recent.newest(9), wanted);
    assert.equal(recent.size, wanted.length);
  }
  assert.deepEqual(recent.newest(1), [5]);
  assert.deepEqual(recent.newest(9, (value) => value % 2 === 1), [5, 3]);
  recent.clear();
  assert.equal(recent.size, 0);
  recent.add(6);
  assert.deepEqual(recent.newest(9), [6]);
});

test("History forgets rows beyond its capacity, and fills columns that come late", () => {
  const history = new History(3);
  history.push(1, { a: 10 });
  history.push(2, { a: 20, b: 2 });
  assert.deepEqual(history.column("b"), [null, 2]);
  history.push(3, {});
  history.push(4, { b: 4 });
  assert.deepEqual(history.times, [2, 3, 4]);
  assert.deepEqual(history.column("a"), [20, null, null]);
  assert.deepEqual(history.column("b"), [2, null, 4]);
  assert.deepEqual(history.column("unknown"), [null, null, null]);
});

test("History leaves out a time that does not rise, as after a change of the clock", () => {
  const history = new History(3);
  history.push(2, { a: 1 });
  history.push(2, { a: 2 });
  history.push(1, { a: 3 });
  assert.deepEqual(history.times, [2]);
  assert.deepEqual(history.column("a"), [1]);
});

test("CostSample gives percentiles of each kind on each strategy", () => {
  const sample = new CostSample();
  assert.equal(sample.figures("hash_mix", "spawn"), undefined);
  for (let cost = 100; cost >= 1; cost--) sample.add("hash_mix", "spawn", cost);
  sample.add("hash_mix", "inline", 7);
  sample.add("hash_mix", "spawn", undefined);
  sample.add("hash_mix", "spawn", 0);
  assert.deepEqual(sample.figures("hash_mix", "spawn"), {
    kind: "hash_mix",
    strategy: "spawn",
    count: 100,
    p5: 6,
    p50: 51,
    p95: 96,
  });
  assert.equal(sample.figures("hash_mix", "inline")?.p95, 7);
});

test("CostSample remembers the last costs only, and no more than 200 kinds on a strategy", () => {
  const sample = new CostSample();
  for (let i = 0; i < 10_000; i++) sample.add("a", "spawn", i < 9_000 ? 1 : 9);
  assert.equal(sample.figures("a", "spawn")?.count, 256);
  assert.equal(sample.figures("a", "spawn")?.p5, 9);
  for (let i = 0; i < 300; i++) sample.add(`kind_${i}`, "spawn", 1);
  assert.equal(sample.figures("kind_198", "spawn")?.count, 1);
  assert.equal(sample.figures("kind_199", "spawn"), undefined);
});
