import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BUCKET_BOUNDS_MS, Histogram } from "../../mod.ts";
import { runs } from "../fixtures/property.ts";

const QUANTILES = [0, 0.01, 0.5, 0.95, 0.99, 1];
const HIGHEST_MS = 4_294_967.295;

/** Times of all sizes, from a microsecond to over an hour. */
const times = fc.array(
  fc.tuple(fc.integer({ min: -3, max: 6 }), fc.double({ min: 1, max: 10, noNaN: true })).map(
    ([exponent, digits]) => digits * 10 ** exponent,
  ),
  { minLength: 1, maxLength: 300, size: "max" },
);

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** The exact quantile, as the histogram defines it. */
function exact(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1];
}

/** 2 % off at most, and half a microsecond where that is more. */
function isClose(value: number, wanted: number): boolean {
  const capped = Math.min(wanted, HIGHEST_MS);
  return Math.abs(value - capped) <= Math.max(capped * 0.02, 0.000_501);
}

test("Histogram gives quantiles within 2 % of the exact ones", () => {
  fc.assert(
    fc.property(times, (values) => {
      const histogram = histogramOf(values);
      for (const q of QUANTILES) {
        const [value, wanted] = [histogram.quantile(q), exact(values, q)];
        assert.ok(isClose(value, wanted), `quantile ${q}: ${value}, exactly ${wanted}`);
      }
      const { p50, p95, p99 } = histogram.summary();
      assert.deepEqual([p50, p95, p99], [0.5, 0.95, 0.99].map((q) => histogram.quantile(q)));
    }),
    runs(300),
  );
});

test("Histogram is 1.6 % off at most for a single time from 32 µs on", () => {
  for (let us = 32; us < 4_000_000; us = us * 1.0037 + 0.1) {
    const histogram = histogramOf([us / 1_000, HIGHEST_MS]);
    const error = Math.abs(histogram.quantile(0.5) * 1_000 - us) / us;
    assert.ok(error <= 0.016, `${us} µs: ${error}`);
  }
});

test("Histogram keeps count, sum, mean and max exactly", () => {
  fc.assert(
    fc.property(times, (values) => {
      const summary = histogramOf(values).summary();
      const sum = values.reduce((total, value) => total + value, 0);
      assert.equal(summary.count, values.length);
      assert.equal(summary.sum, sum);
      assert.equal(summary.mean, sum / values.length);
      assert.equal(summary.max, Math.max(...values));
      assert.ok(summary.p50 <= summary.p95 && summary.p95 <= summary.p99);
      assert.ok(summary.p99 <= summary.max);
    }),
    runs(200),
  );
});

test("Histogram.merge() gives the union", () => {
  fc.assert(
    fc.property(times, times, (a, b) => {
      const merged = histogramOf(a);
      merged.merge(histogramOf(b));
      const { sum, mean, ...others } = merged.summary();
      const { sum: sumOfAll, mean: meanOfAll, ...othersOfAll } = histogramOf([...a, ...b])
        .summary();
      assert.deepEqual(others, othersOfAll);
      assert.ok(Math.abs(sum - sumOfAll) <= sumOfAll * 1e-12);
      assert.ok(Math.abs(mean - meanOfAll) <= meanOfAll * 1e-12);
    }),
    runs(200),
  );
});

test("Histogram.merge() with an empty one changes nothing", () => {
  const histogram = histogramOf([1, 2, 3]);
  const before = histogram.summary();
  histogram.merge(new Histogram());
  assert.deepEqual(histogram.summary(), before);
  const empty = new Histogram();
  empty.merge(histogram);
  assert.deepEqual(empty.summary(), before);
});

test("Histogram counts cumulative buckets that only rise and fit the values", () => {
  fc.assert(
    fc.property(times, (values) => {
      const { buckets, count } = histogramOf(values).summary();
      assert.equal(buckets.length, BUCKET_BOUNDS_MS.length);
      BUCKET_BOUNDS_MS.forEach((boundMs, i) => {
        assert.ok(buckets[i] >= (buckets[i - 1] ?? 0) && buckets[i] <= count);
        const atMost = (limit: number) => values.filter((value) => value <= limit).length;
        assert.ok(buckets[i] >= atMost(boundMs * 0.98 - 0.000_501), `at least, at ${boundMs}`);
        assert.ok(buckets[i] <= atMost(boundMs * 1.02 + 0.000_501), `at most, at ${boundMs}`);
      });
    }),
    runs(200),
  );
});

test("Histogram has nothing to say when it is empty", () => {
  const { buckets, ...figures } = new Histogram().summary();
  assert.deepEqual(figures, { count: 0, sum: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 });
  assert.ok(buckets.every((count) => count === 0));
  assert.equal(new Histogram().quantile(0.5), 0);
});

test("Histogram counts 0 and what is below half a microsecond as 0", () => {
  const histogram = histogramOf([0, 0.000_4, 0.000_001]);
  assert.equal(histogram.quantile(1), 0);
  assert.equal(histogram.count, 3);
  assert.deepEqual(histogram.summary().buckets, BUCKET_BOUNDS_MS.map(() => 3));
});

test("Histogram counts what is longer than 71 minutes as 71 minutes, but keeps max and sum", () => {
  const histogram = histogramOf([1e7, 1e12]);
  const { max, sum, p50, buckets } = histogram.summary();
  assert.equal(max, 1e12);
  assert.equal(sum, 1e7 + 1e12);
  assert.ok(isClose(p50, HIGHEST_MS));
  assert.equal(buckets.at(-1), 0);
});

test("Histogram counts NaN and negative times as 0: one of them must not spoil the rest", () => {
  const histogram = histogramOf([NaN, -1, -Infinity, 10]);
  const { count, sum, mean, max, p50, p99 } = histogram.summary();
  assert.deepEqual([count, sum, mean, max, p50], [4, 10, 2.5, 10, 0]);
  assert.ok(isClose(p99, 10));
});

test("Histogram keeps what it records to itself, however many are empty", () => {
  const [empty, zeros, filled] = [new Histogram(), new Histogram(), histogramOf([10])];
  const mark = empty.mark();
  zeros.recordZeros(2);
  filled.merge(empty);
  empty.since(mark).merge(filled);
  assert.deepEqual([empty, zeros, filled].map(({ count }) => count), [0, 2, 1]);
  empty.merge(filled);
  empty.record(20);
  assert.deepEqual([empty.count, filled.count, new Histogram().count], [2, 1, 0]);
  const { count, max } = empty.since(mark).figures();
  assert.deepEqual([count, isClose(max, 20)], [2, true]);
});

test("BUCKET_BOUNDS_MS rises", () => {
  assert.deepEqual([...BUCKET_BOUNDS_MS].sort((a, b) => a - b), BUCKET_BOUNDS_MS);
  assert.equal(new Set(BUCKET_BOUNDS_MS).size, BUCKET_BOUNDS_MS.length);
});
