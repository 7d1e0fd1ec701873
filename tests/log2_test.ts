import assert from "node:assert/strict";
import { test } from "node:test";
import { exp2, log2 } from "../src/log2.ts";

test("log2() and exp2() are those of Math, to nine digits", () => {
  for (let y = -1_000; y <= 1_000; y += 0.37) {
    const x = Math.pow(2, y);
    assert.ok(Math.abs(log2(x) - y) < 1e-9, `${y}`);
    assert.ok(Math.abs(exp2(y) / x - 1) < 1e-8, `${y}`);
  }
});

test("log2() and exp2() are exact for powers of two", () => {
  for (let y = -1_000; y <= 1_000; y++) {
    assert.equal(log2(exp2(y)), y);
    assert.equal(exp2(y), Math.pow(2, y));
  }
});
