import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "../../../src/simulation/compare/compare.ts";
import { CONTESTANTS } from "../../../src/simulation/compare/contestants.ts";
import { guarded } from "../../fixtures/until.ts";
import { shipped } from "../workload/drawn_jobs.ts";

test(
  "the best fixed settings are told in words, and no other contestant has any",
  guarded,
  async () => {
    const names = ["threshold", "best-static"];
    const { contestants: [threshold, best] } = await compare(
      new Map(names.map((name) => [name, CONTESTANTS[name].run])),
      { workload: shipped("mix"), load: 1.2, durationMs: 700, repeat: 2 },
    );
    for (const { settings } of threshold.runs) assert.equal(settings, undefined);
    for (const { settings } of best.runs) {
      const [tiny, heavy, capacity, usable, ...more] = settings!;
      assert.match(tiny, /^tiny: (pool|(inline|spawn)( up to a cost of \d+, else pool)?)$/);
      assert.match(heavy, /^heavy: pool$/, "a heavy job would hold up the loop");
      assert.match(capacity, /^(2|4|16|512) may wait for the pool$/);
      assert.match(usable, /^if expected to be done in (30|60|90) % of the budget$/);
      assert.deepEqual(more, []);
    }
    assert.ok(best.count.mean >= threshold.count.mean - 0.02);
  },
);
