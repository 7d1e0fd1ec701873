import assert from "node:assert/strict";
import { test } from "node:test";
import { type Counters, ratesBetween } from "../../src/http/dashboard/page/rates.ts";

const routed = { inline: 0, spawn: 0, cpu_pool: 0, batch: 0, backpressure_drop: 0 };

function counters(change: Partial<Counters>): Counters {
  return {
    uptimeMs: 0,
    submitted: 0,
    completed: 0,
    withinBudget: 0,
    dropped: 0,
    routed,
    dropReasons: {},
    ...change,
  };
}

test("rates are per second of the server's own time", () => {
  const rates = ratesBetween(
    counters({ uptimeMs: 1_000, submitted: 10, completed: 8, dropReasons: { expired: 1 } }),
    counters({
      uptimeMs: 3_000,
      submitted: 110,
      completed: 88,
      withinBudget: 60,
      dropped: 20,
      routed: { ...routed, inline: 50 },
      dropReasons: { expired: 5, pool_saturated: 16 },
    }),
  );
  assert.deepEqual(rates, {
    submitted: 50,
    completed: 40,
    goodput: 30,
    dropped: 10,
    routed: { ...routed, inline: 25 },
    dropReasons: { expired: 2, pool_saturated: 8 },
  });
});

test("there are no rates without time between, nor over a restart", () => {
  const before = counters({ uptimeMs: 5_000, submitted: 100 });
  assert.equal(ratesBetween(before, before), undefined);
  assert.equal(ratesBetween(before, counters({ uptimeMs: 400, submitted: 3 })), undefined);
  assert.equal(ratesBetween(before, counters({ uptimeMs: 6_000, submitted: 3 })), undefined);
});

test("goodput stays unknown where the router does not tell it", () => {
  const after = counters({ uptimeMs: 1_000, submitted: 5, withinBudget: undefined });
  assert.equal(ratesBetween(counters({}), after)?.goodput, null);
});
