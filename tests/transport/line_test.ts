// What a job posts in the place of a result can be anything, and harms nobody.
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeError } from "../../src/transport/encode_error.ts";
import { tellResult } from "../../src/transport/line.ts";
import type { ItemErrors } from "../../src/transport/protocol.ts";

/** The outputs of a batch as they are told. */
function toldOf(value: unknown[], itemErrors: unknown): unknown {
  const told: unknown[] = [];
  const owner = { drained() {}, result: (...args: unknown[]) => void told.push(args[2]) };
  tellResult(owner, 1, { runMs: 0, busyMs: 0, value, itemErrors: itemErrors as ItemErrors }, 0);
  assert.equal(told.length, 1);
  return told[0];
}

test("failed items of a batch come back to their places", () => {
  const errors = encodeError([new RangeError("a"), new TypeError("b")], 2);
  const [first, second, third] = toldOf([1, undefined, undefined], { places: [1, 2], errors }) as [
    number,
    RangeError,
    TypeError,
  ];
  assert.deepEqual([first, second.message, third.message], [1, "a", "b"]);
});

test("failed items that have no place in the batch change nothing of it", () => {
  const errors = encodeError([new RangeError("a"), new RangeError("b")], 2);
  for (
    const places of [undefined, null, 1, { length: 1 }, "1", [7], [-1], [1.5], ["length"], [
      0,
      1,
      2,
    ]]
  ) {
    assert.deepEqual(toldOf([1, 2], { places, errors }), [1, 2]);
  }
  for (const errors of [undefined, [], [["value", 1]]]) {
    assert.deepEqual(toldOf([1, 2], { places: [0], errors }), [1, 2]);
  }
});
