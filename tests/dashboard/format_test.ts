import assert from "node:assert/strict";
import { test } from "node:test";
import {
  showAge,
  showClock,
  showCount,
  showMs,
  showRoundMs,
  showShare,
  showShort,
} from "../../src/http/dashboard/page/format.ts";

function assertShows<Value>(show: (value: Value) => string, cases: readonly [Value, string][]) {
  for (const [value, wanted] of cases) assert.equal(show(value), wanted, `of ${value}`);
}

test("counts have their thousands set apart", () => {
  assertShows(showCount, [[0, "0"], [999.6, "1,000"], [1234567, "1,234,567"], [-1234, "-1,234"]]);
});

test("short figures have at most five characters", () => {
  assertShows(showShort, [
    [0, "0"],
    [0.04, "0"],
    [0.1, "0.1"],
    [9, "9"],
    [9.94, "9.9"],
    [9.96, "10"],
    [812.4, "812"],
    [9_999, "9,999"],
    [9_999.6, "10k"],
    [12_345, "12.3k"],
    [123_456, "123k"],
    [999_600, "1M"],
    [1_234_567, "1.2M"],
  ]);
  for (let value = 0.01; value < 1e12; value *= 1.07) {
    assert.ok(showShort(value).length <= 5, `${value} as ${showShort(value)}`);
  }
});

test("times have their unit", () => {
  assertShows(showMs, [
    [0, "0 ms"],
    [0.0001, "1 µs"],
    [0.0124, "12 µs"],
    [0.9996, "1.00 ms"],
    [1.25, "1.25 ms"],
    [34.04, "34.0 ms"],
    [340.4, "340 ms"],
    [999.6, "1.00 s"],
    [2_500, "2.50 s"],
    [12_340, "12.3 s"],
    [123_456, "123 s"],
  ]);
  assertShows(showRoundMs, [
    [1_000, "1 s"],
    [5, "5 ms"],
    [2.5, "2.5 ms"],
    [10, "10 ms"],
    [100, "100 ms"],
    [0.01, "10 µs"],
    [0, "0 ms"],
  ]);
});

test("shares are in per cent, and a small one is not said to be none", () => {
  assert.equal(showShare(0, 10), "0 %");
  assert.equal(showShare(1, 10_000), "<0.1 %");
  assert.equal(showShare(47, 1_000), "4.7 %");
  assert.equal(showShare(995, 1_000), "99.5 %");
  assert.equal(showShare(10, 10), "100 %");
  assert.equal(showShare(0, 0), "–");
});

test("ages are told as people tell them", () => {
  assertShows(showAge, [
    [59_999, "59 s"],
    [61_000, "1 min 1 s"],
    [3_660_000, "1 h 1 min"],
    [200_000_000, "2 d 7 h"],
  ]);
});

test("what is not known is a dash, whatever it is", () => {
  for (const show of [showCount, showShort, showMs, showRoundMs, showAge]) {
    assertShows(show, [[undefined, "–"], [null, "–"], [NaN, "–"], [Infinity, "–"]]);
  }
});

test("the time of day is to the second", () => {
  assert.equal(showClock(new Date(2026, 0, 2, 3, 4, 5)), "03:04:05");
});
