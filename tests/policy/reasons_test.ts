// Each reason that the router gives is in one table, which is made of the constants and their comments.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { root } from "../structure/source_tree.ts";

interface Reason {
  readonly strategy: string;
  readonly reason: string;
  readonly meaning?: string;
  readonly isLoose?: boolean;
}

const { readReasons, reasonsIn, withReasons } = await import(
  new URL(".ci/reason_table.mjs", root).href
);
const reasons: readonly Reason[] = await readReasons();
const textOf = (path: string): string => readFileSync(new URL(path, root), "utf8");

test("docs/deciding.md has the table as it is", () => {
  const text = textOf("docs/deciding.md");
  assert.equal(text, withReasons(text, reasons), "run .ci/reason_table.mjs");
  assert.ok(reasons.length > 30);
  assert.notEqual(withReasons(text, reasons.slice(1)), text, "a table that differs is told");
  assert.throws(() => withReasons("# No table", reasons), /deciding.md lacks/);
});

test("DropReason has the reasons for drops, and its comment tells of each", () => {
  const [, comment, union] = /\/\*\*((?:(?!\/\*\*)[^])*?)\*\/\s*export type DropReason =([^]*?);/
    .exec(textOf("src/outcome.ts"))!;
  const named = [...union.matchAll(/"(\w+)"/g)].map(([, name]) => name).sort();
  const drops = reasons.filter(({ strategy }) => strategy === "backpressure_drop");
  assert.deepEqual(named, drops.map(({ reason }) => reason));
  for (const name of named) assert.ok(comment.includes(`\`${name}\``), name);
});

test("a reason in whatever form is found, with its comment if it has one", () => {
  const found = (text: string): Reason[] =>
    reasonsIn(text).map(({ strategy, reason, meaning, isLoose }: Reason) => ({
      ...{ strategy, reason, meaning, isLoose },
    }));
  const isLoose = undefined;
  assert.deepEqual(found('/** It is. */\nconst A = sharedDecision("inline", "a");'), [
    { strategy: "inline", reason: "a", meaning: "It is.", isLoose },
  ]);
  assert.deepEqual(found('const A = sharedDecision("spawn", "a");'), [
    { strategy: "spawn", reason: "a", meaning: undefined, isLoose },
  ]);
  for (
    const text of [
      'return sharedDecision("backpressure_drop", "a");',
      'return { strategy: "backpressure_drop", reason: "a" };',
      'call.drop("a", nowMs);',
      'this.settle("dropped", "a", nowMs);',
    ]
  ) {
    const strategy = "backpressure_drop";
    assert.deepEqual(found(text), [{ strategy, reason: "a", meaning: undefined, isLoose: true }]);
  }
});
