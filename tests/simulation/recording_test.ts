import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { STATUSES, STRATEGIES } from "../../mod.ts";
import {
  type JobRecord,
  readRecording,
  toHeaderLine,
  toRecordLine,
} from "../../src/simulation/mod.ts";
import { runs } from "../fixtures/property.ts";
import { root } from "../structure/source_tree.ts";

const HEADER = '{"helix_trace":1}';
const OUTCOME = {
  status: "completed",
  strategy: "inline",
  waitMs: 0,
  totalMs: 1,
  withinBudget: true,
} as const;

const PLAIN = { noNullPrototype: true };

/** A property that may be absent. */
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const ms = fc.double({ min: 0, max: 1e9, noNaN: true }).map((value) => value + 0); // no -0
const text = fc.string({ unit: "binary", maxLength: 30 });

const drawnRecord: fc.Arbitrary<JobRecord> = fc.record({
  at_ms: ms,
  id: maybe(fc.nat()),
  kind: fc.string({ unit: "binary", minLength: 1 }),
  cost: maybe(ms),
  scaling: maybe(fc.constantFrom(0, 0.5, 1)),
  budget_ms: maybe(fc.constantFrom(0.25, 1, 2_147_483_647)),
  priority: maybe(fc.nat(9)),
  input: maybe(fc.jsonValue()),
  decision: maybe(fc.record({
    strategy: fc.constantFrom(...STRATEGIES),
    reason: text,
    isProbe: maybe(fc.boolean()) as fc.Arbitrary<boolean>,
    predictedWaitMs: maybe(ms) as fc.Arbitrary<number>,
    predictedRunMs: maybe(ms) as fc.Arbitrary<number>,
    predictedHighMs: maybe(ms) as fc.Arbitrary<number>,
  }, PLAIN)),
  outcome: fc.record({
    status: fc.constantFrom(...STATUSES, "refused" as const),
    strategy: fc.constantFrom(...STRATEGIES),
    reason: maybe(text),
    lateMs: maybe(ms),
    waitMs: ms,
    runMs: maybe(ms),
    batchSize: maybe(fc.integer({ min: 1, max: 99 })),
    totalMs: ms,
    withinBudget: fc.boolean(),
  }, PLAIN),
}, PLAIN);

test("the documentation has every field there is", () => {
  const text = readFileSync(new URL("docs/traces.md", root), "utf8");
  const [record] = fc.sample(drawnRecord.filter(({ decision }) => decision !== undefined), 1);
  const { decision, outcome } = record;
  const header = { helix_trace: 1, policy: "", workers: 1, kinds: [] };
  for (const name of [header, record, decision!, outcome].flatMap((part) => Object.keys(part))) {
    assert.ok(text.includes(`\`${name}\``), name);
  }
});

test("readRecording() gives back what toRecordLine() was given, and the same line", () => {
  fc.assert(
    fc.property(fc.array(drawnRecord, { maxLength: 5 }), (records) => {
      const lines = [HEADER, ...records.map(toRecordLine)];
      const read = readRecording(lines.join("\n"));
      assert.deepEqual(read.firstBadRow, undefined);
      assert.equal(read.records.length, records.length);
      assert.deepEqual([HEADER, ...read.records.map(toRecordLine)], lines);
      read.records.forEach(({ outcome, decision, kind, at_ms }, i) => {
        assert.deepEqual(outcome, records[i].outcome);
        assert.deepEqual([kind, at_ms, decision], [
          ...[records[i].kind, records[i].at_ms, records[i].decision],
        ]);
      });
    }),
    runs(300),
  );
});

test("toRecordLine() has its fields in one order, whatever that of the record", () => {
  const record = { outcome: OUTCOME, kind: "k", cost: 3, at_ms: 1 };
  const { at_ms, cost, kind } = record;
  assert.equal(toRecordLine(record), toRecordLine({ at_ms, kind, cost, outcome: OUTCOME }));
  assert.ok(toRecordLine(record).startsWith('{"at_ms":1,"kind":"k","cost":3,"outcome":{"status":'));
});

test("readRecording() reads the header", () => {
  const header = { policy: "mine", workers: 3, kinds: ["a", "b"] };
  const read = readRecording(`\n${toHeaderLine(header)}\r\n`);
  assert.deepEqual(read, {
    header: { helix_trace: 1, ...header },
    records: [],
    badRows: 0,
    firstBadRow: undefined,
  });
  const wrong = [
    ["", "the recording is empty"],
    ["at_ms,kind", "the line must be JSON"],
    ["[1]", 'the first line must be the header of a recording, {"helix_trace":1}'],
    ['{"helix_trace":"1"}', 'helix_trace must be 1, the version that can be read: received "1"'],
    ['{"helix_trace":1,"policy":3}', "policy must be a name: received 3"],
    ['{"helix_trace":1,"workers":-1}', "workers must be an integer >= 0: received -1"],
    ['{"helix_trace":1,"kinds":[1]}', "kinds must be names: received an object"],
  ];
  for (const [line, problem] of wrong) {
    const { header, records, badRows, firstBadRow } = readRecording(line);
    assert.deepEqual([header, records, badRows], [undefined, [], 1]);
    assert.deepEqual(firstBadRow, { line: 1, problem });
  }
});

test("readRecording() says what is wrong with a line, and in which", () => {
  const record = { at_ms: 0, kind: "k", outcome: OUTCOME };
  const decision = { strategy: "inline", reason: "tiny" };
  const wrong: [object, string][] = [
    [{ outcome: undefined }, "outcome must be an object: received nothing"],
    [{ at_ms: -1 }, "at_ms must be a number of ms from 0 to 1000000000000000: received -1"],
    [{ kind: 3 }, "kind must be the name of a kind: received 3"],
    [{ id: 0.5 }, "id must be an integer >= 0: received 0.5"],
    [{ decision: 1 }, "decision must be an object: received 1"],
    [
      { decision: { ...decision, strategy: "x" } },
      "decision.strategy must be one of inline, spawn",
    ],
    [{ decision: { ...decision, reason: 1 } }, "decision.reason must be a text: received 1"],
    [{ decision: { ...decision, isProbe: 1 } }, "decision.isProbe must be true or false"],
    [
      { decision: { ...decision, predictedRunMs: "1" } },
      "decision.predictedRunMs must be a number",
    ],
    [
      { outcome: { ...OUTCOME, status: "done" } },
      "outcome.status must be one of completed, failed",
    ],
    [{ outcome: { ...OUTCOME, strategy: 1 } }, "outcome.strategy must be one of inline, spawn"],
    [{ outcome: { ...OUTCOME, reason: 1 } }, "outcome.reason must be a text: received 1"],
    [{ outcome: { ...OUTCOME, waitMs: -1 } }, "outcome.waitMs must be a number of ms: received -1"],
    [
      { outcome: { ...OUTCOME, totalMs: null } },
      "outcome.totalMs must be a number of ms: received null",
    ],
    [{ outcome: { ...OUTCOME, runMs: "1" } }, 'outcome.runMs must be a number of ms: received "1"'],
    [{ outcome: { ...OUTCOME, lateMs: -1 } }, "outcome.lateMs must be a number of ms: received -1"],
    [
      { outcome: { ...OUTCOME, batchSize: 0 } },
      "outcome.batchSize must be an integer >= 1: received 0",
    ],
    [{ outcome: { ...OUTCOME, withinBudget: 1 } }, "outcome.withinBudget must be true or false"],
  ];
  for (const [change, problem] of wrong) {
    const lines = [HEADER, toRecordLine(record), JSON.stringify({ ...record, ...change })];
    const { records, badRows, firstBadRow } = readRecording(lines.join("\n"));
    assert.deepEqual([records.length, badRows, firstBadRow?.line], [1, 1, 3], problem);
    assert.ok(firstBadRow?.problem.startsWith(problem), `${problem}: ${firstBadRow?.problem}`);
  }
});

test("readRecording() never throws", () => {
  const line = fc.oneof(fc.json(), fc.string(), fc.constant("null"), fc.constant(HEADER));
  fc.assert(
    fc.property(fc.boolean(), fc.array(line), (hasHeader, lines) => {
      const { badRows, firstBadRow } = readRecording(
        [hasHeader ? HEADER : "", ...lines].join("\n"),
      );
      assert.equal(badRows > 0, firstBadRow !== undefined);
    }),
    runs(300),
  );
});
