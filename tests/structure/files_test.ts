import assert from "node:assert/strict";
import { test } from "node:test";
import { all, assertTells, companions, type Rule, sources } from "./source_tree.ts";

const checkFileName: Rule = ({ path }) =>
  path.split("/").some((name) =>
      /^(utils?|helpers?|common|types|constants|misc)(\.ts)?$/.test(name)
    )
    ? [`${path} says nothing about what is in it`]
    : [];

const checkLength: Rule = ({ path, text }) => {
  const lines = text.split("\n").length - 1;
  return lines > 300 ? [`${path} has ${lines} lines, limit 300`] : [];
};

test("the source tree is found", () => {
  assert.ok(sources.some(({ path }) => path === "mod.ts"));
  assert.ok(sources.some(({ path }) => path === "src/define/jobs.ts"));
  assert.ok(companions.some(({ path }) => path === "tests/structure/source_tree.ts"));
});

/** The ground, and the files at the top. */
const GROUND =
  "clock create_router errors helix_router indexed_heap movable outcome router runtime_defaults schema sink thenable trace_context worker_counts"
    .split(" ");

test("nothing lies flat in src/ but the ground and the top", () => {
  const flat = sources.flatMap(({ path }) => /^src\/([^/]+)\.ts$/.exec(path)?.[1] ?? []);
  assert.deepEqual(flat.sort(), GROUND);
});

test("files are named for what is in them, and stay short", () => {
  assert.deepEqual(all(checkFileName), []);
  assert.deepEqual([...all(checkLength), ...companions.flatMap(checkLength)], []);
  const long = "\n".repeat(301);
  assertTells(checkFileName, [["src/utils.ts", ""], ["src/common/queue.ts", ""]], [[
    "src/a.ts",
    "",
  ]]);
  assertTells(checkLength, [["src/a.ts", long]], [["src/a.ts", long.slice(1)]]);
});
