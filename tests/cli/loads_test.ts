import assert from "node:assert/strict";
import { test } from "node:test";
import type { Arguments } from "../../src/cli/arguments.ts";
import { readLoads } from "../../src/cli/compare/loads.ts";
import { workloadOf } from "../simulation/workload/drawn_jobs.ts";

const given = (values: Record<string, string>): Arguments => ({
  values: new Map(Object.entries(values)),
  operands: [],
});
const loadsOf = (values: Record<string, string>) =>
  readLoads(given(values), workloadOf([{ perSizeMs: 4 }]), 2);

test("a load is a share or a percentage, or from one to another", () => {
  assert.deepEqual(loadsOf({}), [0.7]);
  for (
    const [text, loads] of [
      ["0.5", [0.5]],
      [".5", [0.5]],
      ["50%", [0.5]],
      ["20", [20]],
      ["2000%", [20]],
      ["0.5..2", [0.5, 0.7, 0.9, 1.2, 2]],
      ["60%..1", [0.6, 0.7, 0.9, 1]],
    ] as const
  ) assert.deepEqual(loadsOf({ load: text }), loads, text);
});

test("a rate is as many jobs a second as bring the load", () => {
  assert.deepEqual(loadsOf({ rate: "250" }), [250 * 4 / 2_000]);
});

test("what is no load is refused, with what a load is", () => {
  const wanted =
    "--load must be a share of what the cores can do, above 0 and at most 20, such as " +
    "0.5 or 50%, or from one to another, such as 0.5..4: received ";
  for (
    const [text, rest] of [
      ["50", '"50", which is 5000 %'],
      ["0.5..50", '"0.5..50", which is 5000 %'],
      ["5000%", '"5000%"'],
      ["0", '"0"'],
      ["-1", '"-1"'],
      ["2..2", '"2..2"'],
      ["2..3%", '"2..3%"'],
      ["1..2..3", '"1..2..3"'],
      ["..2", '"..2"'],
      ["much", '"much"'],
    ]
  ) {
    assert.throws(() => loadsOf({ load: text }), { name: "UsageError", message: wanted + rest });
  }
});
