import assert from "node:assert/strict";
import { test } from "node:test";
import { readArguments, readInteger, readPositive } from "../../src/cli/arguments.ts";
import { UsageError } from "../../src/cli/exit_code.ts";
import { startProgressBar, toProgressLine } from "../../src/cli/progress_bar.ts";
import { toReportText } from "../../src/cli/report_text.ts";
import { PLAIN, styleOf } from "../../src/cli/style.ts";
import { showCount, showDuration, showMs, showShare, toTable } from "../../src/cli/table.ts";
import { toReport } from "../../src/simulation/report.ts";
import { Tally } from "../../src/simulation/tally.ts";

const SYNTAX = {
  command: "test",
  options: { count: "string", size: "string", loud: "boolean" },
  later: ["soon"],
  maxOperands: 1,
} as const;

test("readArguments() takes options in all their forms, the last one winning", () => {
  const given = readArguments(["--count", "3", "file", "--size=.5", "--loud", "--count=4"], SYNTAX);
  assert.deepEqual([...given.values], [["count", "4"], ["size", ".5"], ["loud", "true"]]);
  assert.deepEqual(given.operands, ["file"]);
  assert.equal(readInteger(given, "count", { min: 0, max: 9 }), 4);
  assert.equal(readPositive(given, "size", { max: 1 }), 0.5);
  assert.equal(readInteger(given, "none", { min: 0, max: 9 }), undefined);
  assert.deepEqual(readArguments(["--", "--loud"], SYNTAX).operands, ["--loud"]);
  assert.deepEqual([...readArguments(["-h"], SYNTAX).values], [["help", "true"]]);
});

test("readArguments() refuses what it does not know", () => {
  const wrong = [["--toString"], ["--count"], ["--count="], ["--loud=1"], ["a", "b"], ["--soon=1"]];
  for (const args of wrong) assert.throws(() => readArguments(args, SYNTAX), UsageError, `${args}`);
  for (const text of ["", "x", "1e3", "-1", "0x1", "10", "Infinity", "1_0"]) {
    const given = { values: new Map([["count", text]]), operands: [] };
    assert.throws(() => readInteger(given, "count", { min: 0, max: 9 }), UsageError, text);
    assert.throws(() => readPositive(given, "count", { max: 9 }), UsageError, text);
  }
});

test("toTable() sets names to the left and figures to the right", () => {
  assert.deepEqual(toTable([["name", "n"], ["a", "10"], ["longer", "7"]]), [
    "name     n",
    "a       10",
    "longer   7",
  ]);
});

test("figures are shown as people read them", () => {
  assert.deepEqual([0, 999, 1_000, 1_234_567].map((count) => showCount(count)), [
    "0",
    "999",
    "1,000",
    "1,234,567",
  ]);
  assert.deepEqual([showCount(1, "job"), showCount(2, "job")], ["1 job", "2 jobs"]);
  assert.deepEqual([0.001, 9.994, 12.34, 1_234.5].map(showMs), ["0.00", "9.99", "12.3", "1,235"]);
  assert.deepEqual([showShare(1, 3), showShare(0, 0)], ["33.3 %", "-"]);
  assert.deepEqual([0, 12.34, 1_500, 58_000, 3_502_000].map(showDuration), [
    "0 ms",
    "12.3 ms",
    "1.5 s",
    "58 s",
    "58 min 22 s",
  ]);
});

test("toReportText() leaves out what there is nothing to say about", () => {
  const facts = {
    runtime: "node",
    policy: "threshold",
    seed: 7,
    rejected: {},
    eventLoopLagMs: { p50: 0, p99: 0, max: 0 },
    workers: 1,
    wallMs: 10,
  } as const;
  const text = toReportText(toReport(new Tally(), facts), PLAIN);
  assert.ok(!text.includes("drop reasons") && !text.includes("size "), text);
  assert.ok(text.endsWith(`== HelixRouter summary ==
completed: 0
dropped:   0
routed[inline]: 0
routed[spawn]: 0
routed[cpu_pool]: 0
routed[batch]: 0
routed[backpressure_drop]: 0
`));
  const tally = new Tally();
  const arrival = { atMs: 0, kind: "llm_request", input: 1, hints: {}, nominalMs: 0.1 } as const;
  tally.addExpired(arrival);
  tally.addExpired({ ...arrival, nominalMs: 9 });
  const dropped = toReportText(toReport(tally, { ...facts, rejected: { closed: 3 } }), PLAIN);
  assert.match(dropped, /^drop reasons +expired 2$/m);
  assert.match(dropped, /^rejected +closed 3$/m);
  assert.match(dropped, /^small {2}\(< 1 ms\) +1 +0 +0\.0 % +- +- +- +-$/m);
  assert.match(dropped, /^dropped: {3}2$/m);
});

test("toProgressLine() shows how far it is and how long it will take", () => {
  const options = { total: 2_000, done: () => 500, spanMs: 0 };
  assert.equal(
    toProgressLine(options, 2_000),
    "[######..................] 25 %  500 of 2,000, 6.0 s left",
  );
  assert.ok(toProgressLine({ ...options, spanMs: 58_000 }, 2_000).endsWith(", 56 s left"));
  assert.ok(toProgressLine({ ...options, done: () => 0 }, 2_000).endsWith(" 0 of 2,000"));
});

test("nothing but a terminal gets colours or a progress bar", () => {
  const pipe = { write: (text: string) => assert.fail(`wrote ${text}`) };
  startProgressBar(pipe, { total: 1, done: () => 0, spanMs: 0 })();
  assert.equal(styleOf(pipe).bold("text"), "text");
});
