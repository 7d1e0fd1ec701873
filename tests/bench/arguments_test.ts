import assert from "node:assert/strict";
import { test } from "node:test";
import { readArguments } from "../../bench/arguments.ts";
import { SUITE_NAMES } from "../../bench/suites/all.ts";

test("without arguments all suites run, for three rounds", () => {
  const { suites, only, rounds, quick, against } = readArguments([]);
  assert.deepEqual(suites, SUITE_NAMES);
  assert.deepEqual({ only, rounds, quick, against }, {
    only: [],
    rounds: 3,
    quick: false,
    against: undefined,
  });
  assert.equal(readArguments(["--quick"]).rounds, 1);
  assert.equal(readArguments(["--quick", "--rounds", "4"]).rounds, 4);
});

test("suites run in their own order", () => {
  assert.deepEqual(readArguments(["cpu", "inline"]).suites, ["inline", "cpu"]);
});

test("a comparison is quick, and of nine pairs", () => {
  const args = ["--against", "abc123", "tiny", "--only", "helixrouter,helixrouter (messages)"];
  const { against, pairs, quick, suites, only } = readArguments(args);
  assert.deepEqual({ against, pairs, quick, suites, only }, {
    against: "abc123",
    pairs: 9,
    quick: true,
    suites: ["tiny"],
    only: ["helixrouter", "helixrouter (messages)"],
  });
  assert.equal(readArguments(["--against", "abc123", "--pairs", "2"]).pairs, 2);
});

test("what makes no sense is refused", () => {
  const refused: readonly [args: string[], message: RegExp][] = [
    [["slow"], /Cannot run suite "slow": there are inline, /],
    [["--rounds", "0"], /Cannot run "0" rounds: wanted is an integer >= 1/],
    [["--rounds", "1.5"], /Cannot run "1.5" rounds/],
    [["--against", "abc123", "--pairs", "1"], /Cannot run "1" pairs: wanted is an integer >= 2/],
    [["--against", "abc123", "--pairs", "many"], /Cannot run "many" pairs/],
    [["--against", "abc123", "--rounds", "2"], /Cannot use --rounds with --against/],
    [["--against", "abc123", "--markdown", "a.md"], /Cannot use --markdown with --against/],
    [["--pairs", "3"], /Cannot use --pairs without --against/],
    [["--against"], /against/],
    [["--fast"], /fast/],
  ];
  for (const [args, message] of refused) {
    assert.throws(() => readArguments(args), (error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, message);
      return true;
    });
  }
});
