// One table says what the options are: the checks, the README and the documentation agree with it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { defineJobs, type OptionRow, optionTable } from "../../mod.ts";
import { resolveOptions } from "../../src/options/options.ts";
import { isWithin } from "../../src/check.ts";
import { runtimeDefaults } from "../../src/runtime/host.ts";
import { root } from "../structure/source_tree.ts";

const { commentsOfOptions, limitsOf, withTable } = await import(
  new URL(".ci/option_table.mjs", root).href
);

const rows = Object.values(optionTable);
const jobs = defineJobs({ five: { cost: 1, run: () => 5 } });
const textOf = (path: string) => readFileSync(new URL(path, root), "utf8");

/** What the documentation of an option ends with: its default. */
function endOf(row: OptionRow): string {
  const { default: value } = row;
  return value === undefined ? "." : `@default {${row.words ? JSON.stringify(value) : value}}`;
}

const comments: ReadonlyMap<string, string> = await commentsOfOptions();

test("the documentation of RouterOptions says what the table says", () => {
  assert.deepEqual([...comments.keys()], rows.map(({ name }) => name));
  for (const row of rows) {
    const comment = comments.get(row.name)!;
    assert.match(comment, /^[A-Z].*\./);
    assert.ok(
      row.range === undefined || comment.includes(limitsOf(row)),
      `${row.name}: ${comment}`,
    );
    assert.ok(comment.endsWith(endOf(row)), `${row.name}: ${comment}`);
    const hasDefault = /Default: .+\.$|@default \{.+\}$/.test(comment);
    assert.equal(hasDefault, row.name !== "jobs", `${row.name} has a default`);
  }
});

test("the README has the table as it is", () => {
  const readme = textOf("README.md");
  assert.equal(readme, withTable(readme, optionTable, comments), "run .ci/option_table.mjs");
  for (const { name } of rows) assert.ok(readme.includes(`| \`${name}\``), name);
  const other = { ...optionTable, seed: { ...optionTable.seed, default: 2 } };
  assert.notEqual(withTable(readme, other, comments), readme, "a table that differs is told");
  assert.throws(() => withTable("# No table", optionTable, comments), /README.md lacks/);
});

test("optionTable has a row for every option, in which all that is given is right", () => {
  for (const [name, row] of Object.entries(optionTable)) {
    assert.equal(row.name, name);
    assert.ok(row.wanted.length > 0);
    assert.equal(row.range !== undefined, row.type === "number", name);
    assert.ok(row.words === undefined || row.type === "string", name);
    const { default: value } = row;
    if (value === undefined) continue;
    assert.equal(typeof value, row.type);
    assert.ok(row.range === undefined || isWithin(value, row.range), name);
    assert.ok(row.words === undefined || row.words.includes(value as string), name);
  }
});

test("resolveOptions() has the options of the table, and its defaults", () => {
  const { semaphore: _, isShared: _isShared, ...resolved } = resolveOptions(
    { jobs },
    runtimeDefaults(),
  );
  assert.deepEqual(Object.keys(resolved).sort(), Object.keys(optionTable).sort());
  for (const { name, default: value } of rows) {
    if (value !== undefined) assert.equal(resolved[name], value, name);
  }
  const { idleTimeoutMs, maxLostWorkers, cpuParallelism } = resolved;
  const grouped = `${idleTimeoutMs / 1_000},000`;
  assert.ok(comments.get("idleTimeoutMs")?.includes(grouped), grouped);
  assert.equal(maxLostWorkers, Math.max(2, cpuParallelism));
});

test("optionTable cannot be changed, at any depth", () => {
  const seen = (value: unknown): unknown[] =>
    typeof value === "object" && value !== null
      ? [value, ...Object.values(value).flatMap(seen)]
      : [];
  const objects = seen(optionTable);
  assert.ok(objects.length > rows.length);
  for (const object of objects) assert.ok(Object.isFrozen(object), JSON.stringify(object));
});
