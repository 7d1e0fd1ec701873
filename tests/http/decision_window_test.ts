import assert from "node:assert/strict";
import { test } from "node:test";
import type { DecisionRecord } from "../../mod.ts";
import { DecisionWindow } from "../../src/http/operate/decision_window.ts";
import { FuzzRandom } from "./fixtures/fuzz_random.ts";

const record = (jobId: number) => ({ jobId }) as DecisionRecord;

test("DecisionWindow keeps all while there is room, in order, and begins anew", () => {
  const window = new DecisionWindow(3, Math.random);
  for (const id of [3, 1, 2]) window.add(record(id));
  assert.equal(window.count, 3);
  assert.deepEqual(window.take(), { decisions: [1, 2, 3].map(record), missed: 0 });
  assert.equal(window.count, 0);
  assert.deepEqual(window.take(), { decisions: [], missed: 0 });
});

test("DecisionWindow keeps a fair sample of many", () => {
  const random = new FuzzRandom(7);
  const window = new DecisionWindow(50, () => random.next());
  const taken = new Array<number>(1_000).fill(0);
  for (let round = 0; round < 2_000; round++) {
    for (let id = 0; id < 1_000; id++) window.add(record(id));
    const { decisions, missed } = window.take();
    assert.equal(decisions.length, 50);
    assert.equal(missed, 950);
    assert.equal(new Set(decisions).size, 50);
    for (const { jobId } of decisions) taken[jobId]++;
  }
  // Each is expected 100 times, with a deviation of 9.7.
  const tenths = Array.from({ length: 10 }, (_, i) => taken.slice(100 * i, 100 * (i + 1)));
  for (const tenth of tenths) {
    const mean = tenth.reduce((sum, count) => sum + count, 0) / 100;
    assert.ok(Math.abs(mean - 100) < 5, `${mean} instead of 100`);
  }
});
