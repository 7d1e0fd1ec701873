import assert from "node:assert/strict";
import { test } from "node:test";
import { emit, mutantsOf, operatorNames, withReports } from "./mutator.ts";

/** Each operator, a text, and all that the operator makes of it. */
const cases: Readonly<Record<string, readonly [text: string, ...changes: string[]][]>> = {
  boundary: [
    ["a < b; c >= d;", "a < b → a <= b", "c >= d → c > d"],
    ["a <= b; c > d;", "a <= b → a < b", "c > d → c >= d"],
  ],
  equality: [
    ["a === b; c !== d;", "a === b → a !== b", "c !== d → c === d"],
    ["a == b; c != d;", "a == b → a != b", "c != d → c == d"],
  ],
  arithmetic: [
    ["a + b; c - d;", "a + b → a - b", "c - d → c + d"],
    ["a * b; c / d; e % f;", "a * b → a / b", "c / d → c * d", "e % f → e * f"],
    ['a + "b"; "a" + b + c; `${a}` + b;'],
  ],
  bitwise: [
    ["a & b; a | b;", "a & b → a | b", "a | b → a & b"],
    ["a << b; a >> b;", "a << b → a >> b", "a >> b → a << b"],
    ["a & b & c;", "a & b & c → a & b | c", "a & b → (a | b)"],
  ],
  logical: [
    ["a && b;", "a && b → a || b"],
    ["a && b || c;", "a && b || c → a && b && c", "a && b → (a || b)"],
  ],
  assignment: [
    ["a += b; c -= d;", "a += b → a -= b", "c -= d → c += d"],
    ['a += "b";'],
  ],
  fallback: [["a ?? b; c?.d;", "a ?? b → a"]],
  step: [
    ["a++; --b;", "a++ → a--", "--b → ++b"],
    ["-a; !b; ~c;"],
  ],
  not: [["!a; -b;", "!a → a"], ["!!a;", "!!a → !a"]],
  boolean: [
    ["f(true); const a = { b: false };", "f(true) → f(false)", "b: false → b: true"],
    ["const a: true | null = b;"],
  ],
  number: [
    ["f(1); const a = 1_000;", "f(1) → f(2)", "a = 1_000 → a = 1001"],
    ['const a: 1 | 2 = b; f("3", `4`); const c = { 5: d };'],
  ],
  "if true": [["if (a) b();", "a → true"], ["if (true) b();"]],
  "if false": [
    ["if (a) b();", "a → false"],
    ["function f() { if (a) { b(); return; } }", "a → false"],
    ["function f() { if (a) return; else b(); }", "a → false"],
    ["function f() { if (a) return; }"],
  ],
  guard: [
    ["function f() { if (a) return; b(); }", "if (a) return; → if (a) ;"],
    [
      "function f() { if (a) { b(); return c; } }",
      "if (a) { b(); return c; } → if (a) { b(); ; }",
    ],
    ["function f() { if (a) return b; else c(); }"],
  ],
  branches: [["f(a ? b : c);", "a ? b : c → a ? c : b"]],
  call: [
    ["f(); a.b?.c(); await g();", "f(); → ;", "a.b?.c(); → ;", "await g(); → ;"],
    ["class A extends B { constructor() { super(); } }"],
    ["const a = f(); b = g();"],
  ],
};

const changesIn = (text: string, operator?: string) =>
  mutantsOf("a.ts", text)
    .filter((mutant) => operator === undefined || mutant.operator === operator)
    .map(({ before, after }) => `${before} → ${after}`);

test("every operator makes its changes and no others", () => {
  assert.deepEqual(Object.keys(cases).sort(), [...operatorNames].sort());
  for (const [operator, texts] of Object.entries(cases)) {
    for (const [text, ...changes] of texts) {
      assert.deepEqual(changesIn(text, operator), changes, `${operator}: ${text}`);
    }
  }
});

test("types, imports and what a thrown error says stay as they are", () => {
  const texts = [
    "interface A { b: 1; c(d: true): void }",
    "type A = B extends 1 ? true : false;",
    "const b = f<1, true>(a as 2);",
    'import { a } from "./b.ts"; export { c } from "./d.ts";',
    "throw new RangeError(`a is ${b + 1}, wanted ${c ?? 2}`);",
    "// a < b, if (a) return;\n/* f(); */",
  ];
  for (const text of texts) assert.deepEqual(changesIn(text), [], text);
});

test("a mutant has the whole text with its one change, and still is a program", () => {
  const text =
    "export function f(a: number): number {\n  // less\n  return a < 2 ? a : g(a - 1);\n}\n";
  const mutants = mutantsOf("src/a.ts", text);
  assert.ok(mutants.some((mutant) => mutant.text === text.replace("<", "<=")));
  assert.equal(new Set(mutants.map((mutant) => mutant.text)).size, mutants.length);
  for (const mutant of mutants) {
    assert.equal(mutant.line, 3);
    assert.notEqual(emit("src/a.ts", mutant.text), emit("src/a.ts", text));
  }
});

test("a mutant names the function it is in", () => {
  const text = `
const limit = 1;
export class Slot {
  size = 2;
  constructor() { f(3); }
  get #room() { return 4; }
  start() { const hear = () => { g(5, () => 6); }; }
}
export function top() { return { run() { return 7; }, stop: () => 8 }; }
`;
  const found = mutantsOf("a.ts", text).filter(({ operator }) => operator === "number")
    .map((mutant) => `${mutant.function}: ${mutant.before}`);
  assert.deepEqual(found, [
    "(module): limit = 1",
    "Slot.size: size = 2;",
    "Slot.constructor: f(3)",
    "Slot.#room: return 4;",
    "Slot.start.hear: g(5, () => 6)",
    "Slot.start.hear: () => 6",
    "top.run: return 7;",
    "top.stop: () => 8",
  ]);
});

test("mutants that are alike are counted within their function", () => {
  const text = "function f() { a(0); a(0); } function g() { a(0); }";
  const found = mutantsOf("a.ts", text).filter(({ operator }) => operator === "number")
    .map((mutant) => `${mutant.function} ${mutant.nth}`);
  assert.deepEqual(found, ["f 1", "f 2", "g 1"]);
});

test("reports are put where a function begins, as its mutants know it", () => {
  const text = "const a = 1; function f(): void { b(2); return g(() => { c(3); }); }";
  const report = (body: number) => `ran(${body})`;
  const [outer, inner] = [text.indexOf("{ b"), text.indexOf("{ c")];
  assert.equal(
    withReports("a.ts", text, report),
    `ran(0);const a = 1; function f(): void {ran(${outer}); b(2); ` +
      `return g(() => {ran(${inner}); c(3); }); }`,
  );
  const bodies = mutantsOf("a.ts", text).filter(({ operator }) => operator === "number")
    .map(({ body }) => body);
  assert.deepEqual(bodies, [0, outer, inner]);
});

test("what is emitted is JavaScript that imports JavaScript", () => {
  assert.equal(
    emit("a.ts", 'import { b } from "./b.ts"; export const c: number = b!;\n'),
    'import { b } from "./b.js";\nexport const c = b;\n',
  );
  assert.throws(() => emit("a.ts", "if ("), SyntaxError);
});
