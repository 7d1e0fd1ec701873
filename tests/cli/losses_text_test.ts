import assert from "node:assert/strict";
import { test } from "node:test";
import { lossesText } from "../../src/cli/compare/losses_text.ts";
import { verdictOf } from "../../src/cli/compare/verdict.ts";
import { PLAIN } from "../../src/cli/style.ts";
import type { ClassFigures, Compared, Comparison } from "../../src/simulation/mod.ts";

/** A contestant with such kinds in each of its runs. */
function comparedOf(...runs: readonly (readonly Partial<ClassFigures>[])[]): Compared {
  const none = {
    submitted: 0,
    inBudget: 0,
    completed: 0,
    failed: 0,
    unfinished: 0,
    dropReasons: {},
  };
  return {
    name: "mine",
    count: { mean: 0.5, spread: 0 },
    runs: runs.map((kinds) => {
      const byKind = kinds.map((kind, i) => ({ name: `kind${i}`, ...none, ...kind }));
      const sum = (of: "completed" | "failed" | "unfinished") =>
        byKind.reduce((total, kind) => total + kind[of], 0);
      return {
        ...{ byKind, completed: sum("completed"), failed: sum("failed") },
        ...{ unfinished: sum("unfinished"), dropReasons: byKind[0].dropReasons },
      };
    }),
  } as unknown as Compared;
}

test("what jobs were lost to is told by kind, the most first, a run on average", () => {
  const compared = comparedOf(
    [{ dropReasons: { late: 3, full: 10 } }, {
      completed: 9,
      inBudget: 2,
      failed: 1,
      unfinished: 4,
    }],
    [{ dropReasons: { late: 4 } }, { completed: 9, inBudget: 2, failed: 1, unfinished: 2_000 }],
  );
  assert.deepEqual(lossesText([compared], PLAIN, 80), [
    "lost by mine of kind0: full 5, late 4",
    "lost by mine of kind1: not ended 1,002, done too late 7, failed 1",
  ]);
});

test("a kind that lost nothing has no line, one alone is not named, and long lines are broken", () => {
  assert.deepEqual(lossesText([comparedOf([{ completed: 3, inBudget: 3 }])], PLAIN, 80), []);
  assert.deepEqual(lossesText([comparedOf([{ failed: 2, unfinished: 1 }])], PLAIN, 30), [
    "lost by mine: failed 2, not",
    "  ended 1",
  ]);
});

test("a verdict names what most were lost to, those that had not ended among them", () => {
  const comparison = { load: 2, contestants: [] } as unknown as Comparison;
  for (
    const [kind, loss] of [
      [{ unfinished: 5, dropReasons: { late: 4 } }, "jobs that were still in line at the end"],
      [{ failed: 5, dropReasons: { late: 4 } }, "failures"],
      [{ completed: 8, inBudget: 2, dropReasons: { full: 5 } }, "late results"],
      [{ unfinished: 3, dropReasons: { full: 4 } }, "refusals"],
      [{ unfinished: 3, dropReasons: { expired: 4 } }, "waiting"],
    ] as const
  ) {
    assert.equal(
      verdictOf(comparedOf([kind as Partial<ClassFigures>]), comparison),
      `mine: offered 200 % of capacity; 50 % in budget; lost mostly to ${loss}.`,
    );
  }
});
