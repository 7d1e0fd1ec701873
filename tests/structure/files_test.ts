import assert from "node:assert/strict";
import { test } from "node:test";
import { all, assertTells, companions, type Rule, type Source, sources } from "./source_tree.ts";

const checkFileName: Rule = ({ path }) =>
  path.split("/").some((name) =>
      /^(utils?|helpers?|common|types|constants|misc)(\.ts)?$/.test(name)
    )
    ? [`${path} says nothing about what is in it`]
    : [];

/** Files of more lines want a reason; without one a warning is printed. */
const LONG = 300;

const REASONS: Readonly<Record<string, string>> = {
  "src/lanes/cpu_pool/dispatcher.ts":
    "queue, permits and workers meet in the one place that moves calls between them",
  "src/helix_router.ts": "the public methods in one place; most of the lines document them",
  "src/router.ts":
    "the way of a job in one place, from check to outcome, and its beginning and end",
};

const lengthOf = ({ text }: Source): number => text.split("\n").length - 1;

test("the source tree is found", () => {
  assert.ok(sources.some(({ path }) => path === "mod.ts"));
  assert.ok(sources.some(({ path }) => path === "src/define/jobs.ts"));
  assert.ok(companions.some(({ path }) => path === "tests/structure/source_tree.ts"));
});

/** The ground, and the files at the top. */
const GROUND =
  "at_once bundle_recipe busy_shares cancel_signal check clock error_type errors helix_router indexed_heap log2 movable outcome router runtime_defaults schema semaphore set_own thenable trace_context unknown_name unknown_name.browser worker_call worker_counts worker_event"
    .split(" ");

test("nothing lies flat in src/ but the ground and the top", () => {
  const flat = sources.flatMap(({ path }) => /^src\/([^/]+)\.ts$/.exec(path)?.[1] ?? []);
  assert.deepEqual(flat.sort(), GROUND);
});

test("files are named for what is in them", () => {
  assert.deepEqual(all(checkFileName), []);
  assertTells(checkFileName, [["src/utils.ts", ""], ["src/common/queue.ts", ""]], [[
    "src/a.ts",
    "",
  ]]);
});

test("long files have a reason, and every reason a long file", () => {
  const long = [...sources, ...companions].filter((source) => lengthOf(source) > LONG);
  for (const source of long) {
    if (source.path in REASONS) continue;
    console.warn(`${source.path} has ${lengthOf(source)} lines: split it, or give a reason`);
  }
  const paths = long.map(({ path }) => path);
  assert.deepEqual(Object.keys(REASONS).filter((path) => !paths.includes(path)), []);
});
