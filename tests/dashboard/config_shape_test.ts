import assert from "node:assert/strict";
import { test } from "node:test";
import { readFigure, toChange, toFields } from "../../src/http/dashboard/page/config_shape.ts";

test("what is writable and a figure becomes a field, the policy's figures too", () => {
  const config = {
    cpuQueueCapacity: 512,
    abortGraceMs: null,
    name: "not a figure",
    fixed: 1,
    policy: { inlineThreshold: 8_000, mode: "not a figure" },
  };
  assert.deepEqual(toFields(config, ["cpuQueueCapacity", "abortGraceMs", "name", "policy"]), [
    { path: "cpuQueueCapacity", value: 512 },
    { path: "abortGraceMs", value: null },
    { path: "policy.inlineThreshold", value: 8_000 },
  ]);
  assert.deepEqual(toFields({ policy: undefined }, ["policy"]), []);
});

test("a change holds what was edited and nothing else", () => {
  assert.deepEqual(toChange(new Map([["abortGraceMs", null]])), { abortGraceMs: null });
  const edits = new Map([["batchMaxSize", 4], ["policy.inlineThreshold", 1], ["policy.x", 2]]);
  assert.deepEqual(toChange(edits), { batchMaxSize: 4, policy: { inlineThreshold: 1, x: 2 } });
});

test("figures are read as people write them", () => {
  assert.equal(readFigure(" 60,000 "), 60_000);
  assert.equal(readFigure("1 000"), 1_000);
  assert.equal(readFigure("0.65"), 0.65);
  assert.equal(readFigure("  "), null);
  assert.ok(Number.isNaN(readFigure("many")));
});
