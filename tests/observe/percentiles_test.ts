// Percentiles against exact ones, of times as they are found in practice.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRouter, Histogram, type Strategy } from "../../mod.ts";
import { defineJobs } from "../../src/define/jobs.ts";
import { runs } from "../fixtures/property.ts";

/** Gives a time in ms for a share `u`, above 0 and below 1, of all that are shorter. */
type Quantiles = (u: number) => number;

const uniform = (low: number, high: number): Quantiles => (u) => low + u * (high - low);
const exponential = (mean: number): Quantiles => (u) => -mean * Math.log(1 - u);
/** Most are short, and a few are very long. */
const pareto = (least: number, shape: number): Quantiles => (u) => least / (1 - u) ** (1 / shape);
/** Near to a log-normal one: logistic in the logarithm. */
const logLogistic = (median: number, shape: number): Quantiles => (u) =>
  median * (u / (1 - u)) ** (1 / shape);
/** A cache: `share` of the times are short. */
const twoPeaks = (share: number, short: Quantiles, long: Quantiles): Quantiles => (u) =>
  u < share ? short(u / share) : long((u - share) / (1 - share));

const scale = fc.double({ min: 0.1, max: 5_000, noNaN: true });
const shape = fc.double({ min: 1.1, max: 8, noNaN: true });
const DISTRIBUTIONS: Readonly<Record<string, fc.Arbitrary<Quantiles>>> = {
  constant: scale.map((ms) => () => ms),
  uniform: fc.tuple(scale, scale).map(([low, width]) => uniform(low, low + width)),
  exponential: scale.map(exponential),
  pareto: fc.tuple(scale, shape).map(([least, k]) => pareto(least, k)),
  "log-logistic": fc.tuple(scale, shape).map(([median, k]) => logLogistic(median, k)),
  "two peaks": fc.tuple(scale, fc.double({ min: 0.05, max: 0.99, noNaN: true })).map(
    ([ms, share]) => twoPeaks(share, uniform(ms, ms * 1.2), exponential(ms * 50)),
  ),
};

const PERCENTILES = [["p50", 0.5], ["p95", 0.95], ["p99", 0.99]] as const;

/** 2 % off at most, and half a microsecond where that is more. */
function assertClose(value: number, values: readonly number[], q: number): void {
  const sorted = values.toSorted((a, b) => a - b);
  const exact = sorted[Math.ceil(q * sorted.length) - 1];
  const limit = Math.max(exact * 0.02, 0.000_501);
  assert.ok(Math.abs(value - exact) <= limit, `${q}: ${value}, exactly ${exact}`);
}

/** Spread evenly, or what is drawn would not be the distribution. */
const shares = fc.array(fc.double({ min: 0.01, max: 0.99, noNaN: true }), {
  minLength: 200,
  maxLength: 2_000,
  size: "max",
}).map((offsets) => offsets.map((offset, i) => (i + offset) / offsets.length));

for (const [name, distribution] of Object.entries(DISTRIBUTIONS)) {
  test(`percentiles of times that are distributed as ${name} are within 2 %`, () => {
    fc.assert(
      fc.property(distribution, shares, (quantiles, us) => {
        const times = us.map(quantiles);
        const [whole, odd, even] = [new Histogram(), new Histogram(), new Histogram()];
        times.forEach((ms, i) => [whole, i % 2 === 0 ? even : odd].forEach((h) => h.record(ms)));
        even.merge(odd);
        for (const histogram of [whole, even]) {
          const summary = histogram.summary();
          for (const [p, q] of PERCENTILES) assertClose(summary[p], times, q);
        }
      }),
      runs(20),
    );
  });
}

test("percentiles in stats() are within 2 % of those of the outcomes, on each strategy", async () => {
  const jobs = defineJobs({ wait: { cost: 1, run: (n: number) => Math.sqrt(n) } });
  const router = await createRouter({ jobs });
  const latencies: Partial<Record<Strategy, number[]>> = {};
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 50 }, async (_, i) => {
      const hints = { computeCost: i % 2 === 0 ? 1 : 10_000 };
      const outcome = await router.submit("wait", i, hints);
      assert.ok(outcome.status === "completed");
      (latencies[outcome.strategy] ??= []).push(outcome.timing.totalMs);
    }));
  }
  const { latencyMs } = router.stats();
  assert.deepEqual(Object.keys(latencies).sort(), ["inline", "spawn"]);
  for (const [strategy, times] of Object.entries(latencies)) {
    const summary = latencyMs[strategy as Strategy];
    assert.equal(summary.count, times.length);
    for (const [p, q] of PERCENTILES) assertClose(summary[p], times, q);
  }
  await router.close();
});
