import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { isWithin, rangeOf, shown, TIMER_MS, wordsOf } from "../src/check.ts";

const MAX = Number.MAX_VALUE;

test("isWithin() takes the numbers of a range, both ends included, and no other value", () => {
  const share = rangeOf(0, 1);
  for (const value of [0, -0, 0.5, 1]) assert.ok(isWithin(value, share), String(value));
  const others = [-0.01, 1.01, NaN, Infinity, -Infinity, "0.5", 1n, true, null, undefined, [1], {}];
  others.push(new Number(1), { valueOf: () => 1 });
  for (const value of others) assert.ok(!isWithin(value, share), String(value));
});

test("isWithin() leaves out the least where it is exclusive", () => {
  const range = rangeOf(0, 5, { exclusive: true });
  assert.deepEqual([0, -0, -1, Number.MIN_VALUE, 5, 6].map((value) => isWithin(value, range)), [
    ...[false, false, false, true, true, false],
  ]);
});

test("isWithin() takes only integers where that is wanted", () => {
  const range = rangeOf(1, 9, { integer: true });
  assert.deepEqual([0, 1, 1.5, 9, 10, NaN].map((value) => isWithin(value, range)), [
    ...[false, true, false, true, false, false],
  ]);
});

test("isWithin() takes Infinity where there may be no limit, and only there", () => {
  for (const integer of [false, true]) {
    assert.ok(isWithin(Infinity, rangeOf(1, 9, { integer, orInfinity: true })));
    assert.ok(!isWithin(-Infinity, rangeOf(1, 9, { integer, orInfinity: true })));
    assert.ok(!isWithin(Infinity, rangeOf(1, MAX, { integer })));
    assert.ok(isWithin(MAX, rangeOf(1, MAX)));
  }
});

test("wordsOf() says what is wanted", () => {
  const words: [ReturnType<typeof rangeOf>, string][] = [
    [rangeOf(0, 9, { integer: true }), "an integer from 0 to 9"],
    [rangeOf(1, 9, { integer: true, unit: "jobs" }), "an integer from 1 to 9"],
    [rangeOf(0, 1), "a number from 0 to 1"],
    [rangeOf(0, 5, { unit: "ms" }), "a number of ms from 0 to 5"],
    [TIMER_MS, "a number of ms above 0 and at most 2147483647"],
    [rangeOf(0, MAX), "a finite number >= 0"],
    [rangeOf(0, MAX, { exclusive: true }), "a finite number above 0"],
    [rangeOf(1, 9, { integer: true, orInfinity: true }), "an integer from 1 to 9, or Infinity"],
    [rangeOf(2, MAX, { orInfinity: true, unit: "bytes" }), "a number of bytes >= 2, or Infinity"],
  ];
  for (const [range, wanted] of words) assert.equal(wordsOf(range), wanted);
});

test("shown() takes what is shared a billion times, and errors of other realms", () => {
  let shared: unknown = 1;
  for (let i = 0; i < 60; i++) shared = { a: shared, b: shared };
  assert.match(shown(shared), /^{"a":{"a":{"a":/);
  assert.equal(shown({ a: [1, "b"], c: null }), '{"a":[1,"b"],"c":null}');
  assert.equal(shown(runInNewContext("new RangeError('far')")), "RangeError: far");
});

test("a range cannot be changed", () => {
  assert.ok(Object.isFrozen(TIMER_MS) && Object.isFrozen(rangeOf(0, 1)));
});
