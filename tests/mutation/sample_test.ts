import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { root } from "../structure/source_tree.ts";
import { EDGES, ROOMS } from "../structure/rooms.ts";
import {
  type Equivalent,
  type Mutant,
  mutantsOf,
  sampleOf,
  sourcesOf,
  testsOf,
  withoutEquivalents,
} from "./mutator.ts";

const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const lines = (count: number) =>
  Array.from({ length: count }, (_, n) => `if (a${n} < ${n}) b${n}();`).join("\n");
const nameOf = ({ file, operator, before }: Mutant) => `${file} ${operator} ${before}`;
const namesOf = (mutants: readonly Mutant[]) => mutants.map(nameOf);

const many = [...mutantsOf("a.ts", lines(90)), ...mutantsOf("b.ts", lines(10))];

test("the same seed draws the same sample, another seed another", () => {
  assert.deepEqual(sampleOf(many, "1", 40), sampleOf(many, "1", 40));
  assert.notDeepEqual(namesOf(sampleOf(many, "2", 40)), namesOf(sampleOf(many, "1", 40)));
});

test("a sample is as large as asked for, or all there is", () => {
  assert.equal(new Set(namesOf(sampleOf(many, "1", 40))).size, 40);
  assert.deepEqual(namesOf(sampleOf(many, "1", 10_000)).sort(), namesOf(many).sort());
});

test("a larger sample begins with the smaller", () => {
  assert.deepEqual(sampleOf(many, "1", 100).slice(0, 40), sampleOf(many, "1", 40));
});

test("a long file has its share of a sample", () => {
  const ofLong = sampleOf(many, "1", 100).filter(({ file }) => file === "a.ts").length;
  assert.ok(ofLong > 80 && ofLong < 98, `${ofLong} of 100, where 9 in 10 mutants are`);
});

test("new lines above leave a sample as it was", () => {
  const text = lines(30);
  const moved = mutantsOf("a.ts", `// Above.\n\n${text}`);
  assert.deepEqual(
    namesOf(sampleOf(moved, "1", 20)),
    namesOf(sampleOf(mutantsOf("a.ts", text), "1", 20)),
  );
});

test("an equivalent is left out, and only that", () => {
  const mutants = mutantsOf("a.ts", "function f() { a(0); a(0); }");
  const numbers = { file: "a.ts", function: "f", operator: "number", before: "a(0)" };
  const left = withoutEquivalents(mutants, [{ ...numbers, nth: 2, reason: "never read" }]);
  assert.equal(left.length, mutants.length - 1);
  assert.deepEqual(left.filter(({ operator }) => operator === "number").map(({ nth }) => nth), [1]);
});

test("an equivalent that names no mutant or two, or gives no reason, is refused", () => {
  const mutants = mutantsOf("a.ts", "function f() { a(0); a(0); b(1); }");
  const entry = { file: "a.ts", function: "f", operator: "number", before: "b(1)" };
  const refused = (wrong: Partial<Equivalent>, message: RegExp) => {
    const equivalent = { ...entry, reason: "never read", ...wrong };
    assert.throws(() => withoutEquivalents(mutants, [equivalent]), { message });
  };
  refused({ before: "b(2)" }, /name one mutant, but 0 are so: a\.ts, f, number, b\(2\)$/);
  refused({ function: "g" }, /0 are so/);
  refused({ before: "a(0)" }, /2 are so: .*: add "nth"$/);
  refused({ before: "a(0)", nth: 3 }, /0 are so/);
  refused({ reason: "" }, /needs a reason/);
  const right = { ...entry, reason: "never read" };
  assert.equal(withoutEquivalents(mutants, [right]).length, mutants.length - 1);
});

test("what equivalent.json lists is in the sources", () => {
  const listed: Equivalent[] = JSON.parse(read("tests/mutation/equivalent.json"));
  const files = new Set(listed.map(({ file }) => file));
  const mutants = [...files].flatMap((file) => mutantsOf(file, read(file)));
  assert.equal(withoutEquivalents(mutants, listed).length, mutants.length - listed.length);
});

test("every room has sources and tests to face, none of which reads the sources", () => {
  for (const room of [...Object.keys(ROOMS), ...EDGES]) {
    const sources = sourcesOf(room);
    if (sources.length === 0) continue;
    const tests = testsOf(room);
    assert.ok(tests.includes("tests/invariants_test.ts"), room);
    assert.ok(tests.includes("tests/contract/lane_test.ts"), room);
    assert.ok(!tests.some((path) => /^tests\/(structure|mutation)\//.test(path)), room);
  }
  assert.ok(sourcesOf("lanes").includes("src/lanes/cpu_pool/pool.ts"));
  assert.ok(sourcesOf("ground").includes("src/router.ts"));
  assert.ok(testsOf("ground").includes("tests/indexed_heap_test.ts"));
  assert.ok(testsOf("lanes").includes("tests/lanes/queue_test.ts"));
  assert.ok(!testsOf("define").includes("tests/define/types_test.ts"));
  assert.deepEqual(sourcesOf("nowhere"), []);
});
