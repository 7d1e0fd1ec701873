import assert from "node:assert/strict";
import { test } from "node:test";
import { dryRun } from "../../src/create/warm_up.ts";
import { runtimeDefaults } from "../../src/runtime/host.ts";
import type { Outcome } from "../../mod.ts";

test("a dry run takes jobs through every lane, and settles all of them", async () => {
  const outcomes = await Promise.all(dryRun(runtimeDefaults()));
  const count = (wanted: (outcome: Outcome<unknown>) => boolean) => outcomes.filter(wanted).length;
  for (const strategy of ["cpu_pool", "inline", "batch"]) {
    assert.ok(count((outcome) => outcome.strategy === strategy) >= 5, strategy);
  }
  assert.ok(count(({ status }) => status === "dropped") >= 5);
  assert.ok(count(({ status }) => status === "completed") >= outcomes.length / 2);
});

test("a dry run is the same each time, and asks neither the clock nor the runtime", async () => {
  const never = (): never => {
    throw new Error("it was asked");
  };
  const clock = { now: never, setTimer: never, post: never };
  const defaults = { ...runtimeDefaults(), clock, keepContext: never, warn: never };
  const told = async () => (await Promise.all(dryRun(defaults))).map((outcome) => outcome.strategy);
  assert.deepEqual(await told(), await told());
});
