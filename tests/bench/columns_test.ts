import assert from "node:assert/strict";
import { test } from "node:test";
import { ownEntries } from "../../bench/against/compare_suite.ts";
import { loadSuite, SUITE_NAMES } from "../../bench/suites/all.ts";

const suites = await Promise.all(SUITE_NAMES.map(loadSuite));

test("more is better of what is done, less of what it takes", () => {
  const columns = suites.flatMap((suite) => suite.columns);
  const better = new Set(columns.filter(({ largerIsBetter }) => largerIsBetter));
  for (const column of columns) {
    if (column.unit === "jobs/s") assert.ok(better.has(column), column.metric);
    if (/^(ns|µs|ms|MiB|% of a core)$/.test(column.unit)) {
      assert.ok(!better.has(column), column.metric);
    }
  }
});

test("what is compared with a commit is ours alone", () => {
  const compared = suites.filter((suite) => ownEntries(suite, []).length > 0);
  for (const name of ["inline", "tiny", "cpu", "payload", "idle"]) {
    assert.ok(compared.some((suite) => suite.name === name), name);
  }
  for (const entry of compared.flatMap((suite) => ownEntries(suite, []))) {
    assert.equal(entry.package, undefined, entry.name);
  }
  const [inline] = compared;
  assert.deepEqual(ownEntries(inline, ["floor"]), []);
  assert.deepEqual(ownEntries(inline, ["helixrouter offer"]), [{ name: "helixrouter offer" }]);
});
