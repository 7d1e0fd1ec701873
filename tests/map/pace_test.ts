// How many jobs in flight pay.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../../src/map/pace.ts";

/** Runs as many jobs as there are judgements; `doneOf` is what gets done per ms with so many in flight. */
function judge(pace: Pace, judgements: number, doneOf: (limit: number) => number): void {
  let nowMs = 0;
  for (let i = 0; i < judgements; i++) {
    const { limit } = pace;
    const jobs = Math.max(32, limit);
    nowMs += jobs / doneOf(limit);
    for (let job = 0; job < jobs; job++) {
      assert.equal(pace.allows(limit - 1), true);
      assert.equal(pace.allows(limit), false);
      pace.ended(1, nowMs);
    }
  }
}

test("it grows as long as twice as many get more done", () => {
  const pace = new Pace(undefined, 2);
  assert.deepEqual([pace.limit, pace.isLearned], [4, true]);
  judge(pace, 20, (limit) => Math.min(limit, 64));
  assert.equal(pace.limit, 64);
});

test("it stays with two per call where more do not pay", () => {
  const pace = new Pace(undefined, 3);
  judge(pace, 20, () => 3);
  assert.equal(pace.limit, 6);
});

test("it begins again now and then, and follows what has changed", () => {
  const pace = new Pace(undefined, 2);
  judge(pace, 20, (limit) => Math.min(limit, 128));
  assert.equal(pace.limit, 128);
  judge(pace, 400, (limit) => Math.min(limit, 8));
  assert.ok(pace.limit <= 32, `${pace.limit}`);
  judge(pace, 400, (limit) => limit);
  assert.ok(pace.limit >= 512 && pace.limit <= 1_024, `${pace.limit}`);
});

test("what is held up by its source or its consumer learns nothing", () => {
  const pace = new Pace(undefined, 2);
  for (let i = 0; i < 1_000; i++) {
    assert.ok(pace.allows(3));
    pace.ended(1, i);
  }
  assert.equal(pace.limit, 4);
});

test("a number that is given stays, and there are two in flight at least", () => {
  const pace = new Pace(7, 2);
  judge(pace, 20, (limit) => limit);
  assert.deepEqual([pace.limit, pace.isLearned], [7, false]);
  assert.equal(new Pace(undefined, 0).limit, 2);
});
