import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RespawnBudget } from "../../src/lanes/cpu_pool/respawn_budget.ts";
import { runs } from "../fixtures/property.ts";

const LONGEST_MS = 6_400;

test("RespawnBudget replaces the first ones at once, then each later than the one before", () => {
  const budget = new RespawnBudget(3);
  const delays = Array.from({ length: 11 }, () => budget.crashed(50));
  assert.deepEqual(delays, [0, 0, 0, 100, 200, 400, 800, 1_600, 3_200, 6_400, 6_400]);
});

test("RespawnBudget gains one a second, up to its size", () => {
  const budget = new RespawnBudget(2);
  for (let i = 0; i < 4; i++) budget.crashed(0);
  assert.ok(budget.crashed(999) > 0);
  assert.equal(budget.crashed(1_000), 0);
  assert.ok(budget.crashed(1_999) > 0);
  assert.equal(budget.crashed(2_500), 0);
  assert.equal(budget.crashed(3_000), 0, "half a second is not lost");
  // A long time without a crash is worth its size, and no more.
  assert.deepEqual([0, 0, 0].map(() => budget.crashed(1e6) === 0), [true, true, false]);
});

test("RespawnBudget waits briefly again after a time with few crashes, and not before", () => {
  const budget = new RespawnBudget(2);
  for (let i = 0; i < 5; i++) budget.crashed(0);
  assert.equal(budget.crashed(1_000), 0);
  assert.equal(budget.crashed(1_000), 800, "one token has made nothing good");
  assert.equal(budget.crashed(4_000), 0);
  assert.equal(budget.crashed(4_000), 0);
  assert.equal(budget.crashed(4_000), 100);
});

test("RespawnBudget bounds the workers that start, whatever crashes when", () => {
  const gaps = fc.array(fc.oneof(fc.nat(50), fc.nat(3_000), fc.nat(100_000)), {
    minLength: 1,
    maxLength: 200,
    size: "max",
  });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 20 }), fc.nat(1e9), (gaps, size, startMs) => {
      const budget = new RespawnBudget(size);
      const atOnceMs: number[] = [];
      let nowMs = startMs;
      let lastDelayMs = 0;
      for (const gapMs of gaps) {
        nowMs += gapMs;
        const delayMs = budget.crashed(nowMs);
        assert.ok(delayMs === 0 || (delayMs >= 100 && delayMs <= LONGEST_MS));
        if (delayMs === 0) atOnceMs.push(nowMs);
        else {
          const isDoubled = delayMs === Math.min(2 * lastDelayMs, LONGEST_MS);
          assert.ok(delayMs === 100 || isDoubled, `${delayMs} ms after ${lastDelayMs} ms`);
          lastDelayMs = delayMs;
        }
      }
      // From any one of them on: the size of the bucket, and what has run into it since.
      atOnceMs.forEach((sinceMs, i) => {
        for (let j = i; j < atOnceMs.length; j++) {
          const refilled = Math.floor((atOnceMs[j] - sinceMs) / 1_000) + 1;
          assert.ok(j - i + 1 <= size + refilled);
        }
      });
    }),
    runs(300),
  );
});
