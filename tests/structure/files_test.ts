import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { all, assertTells, root, type Rule, sources } from "./source_tree.ts";

const checkFileName: Rule = ({ path }) =>
  path.split("/").some((name) =>
      /^(utils?|helpers?|common|types|constants|misc)(\.ts)?$/.test(name)
    )
    ? [`${path} says nothing about what is in it`]
    : [];

/** Files that may be longer than 300 lines, and why. */
const longFiles: Record<string, string> = {};

const checkLength: Rule = ({ path, text }) => {
  const lines = text.split("\n").length - 1;
  return lines > 300 && !(path in longFiles) ? [`${path} has ${lines} lines, limit 300`] : [];
};

test("the source tree is found", () => {
  assert.ok(sources.some(({ path }) => path === "mod.ts"));
  assert.ok(sources.some(({ path }) => path === "src/jobs.ts"));
});

test("files are named for what is in them, and stay short", () => {
  assert.deepEqual(all(checkFileName), []);
  assert.deepEqual(all(checkLength), []);
  const long = "\n".repeat(301);
  assertTells(checkFileName, [["src/utils.ts", ""], ["src/common/queue.ts", ""]], [[
    "src/a.ts",
    "",
  ]]);
  assertTells(checkLength, [["src/a.ts", long]], [["src/a.ts", long.slice(1)]]);
  for (const path of Object.keys(longFiles)) assert.ok(existsSync(new URL(path, root)), path);
});
