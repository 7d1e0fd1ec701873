import assert from "node:assert/strict";
import { test } from "node:test";
import { guarded } from "./fixtures/until.ts";
import fc from "fast-check";
import { scenarios } from "./virtual/drawn_scenarios.ts";
import { Play } from "./virtual/play.ts";
import { sharedRuns } from "./fixtures/property.ts";

test("the invariants hold whatever happens", guarded, async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      await Play.run(scenario);
    }),
    sharedRuns(60),
  );
});

test("the same seed and clock give the same decisions", guarded, async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const first = await Play.run(scenario);
      const second = await Play.run(scenario);
      assert.deepEqual(first.trace, second.trace);
    }),
    sharedRuns(20),
  );
});
