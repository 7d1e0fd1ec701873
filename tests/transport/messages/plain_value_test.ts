import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isPlain, plainLength } from "../../../src/transport/messages/plain_value.ts";
import { runs } from "../../fixtures/property.ts";
import { anyValue, argumentsOf, asRecord, assertSame, Point } from "../any_value.ts";

test("isPlain takes only what JSON carries as structured clone does", () => {
  let taken = 0;
  fc.assert(
    fc.property(anyValue, (value) => {
      assert.equal(isPlain(value), plainLength(value) < Infinity);
      if (!isPlain(value)) return;
      taken++;
      assertSame(JSON.parse(JSON.stringify(value)), structuredClone(value));
    }),
    runs(3_000),
  );
  assert.ok(taken > 500, `only ${taken} of the values were taken`);
});

test("plain values are the same again when they go as one text", () => {
  fc.assert(
    fc.property(fc.array(anyValue, { minLength: 1, maxLength: 8 }), (values) => {
      const plain = values.filter(isPlain);
      const records = JSON.parse(`[${JSON.stringify(plain).slice(1, -1)}]`);
      assert.equal(records.length, plain.length);
      plain.forEach((value, i) => assertSame(records[i], structuredClone(value)));
    }),
    runs(500),
  );
});

test("plainLength is about the characters of JSON, where none has to be escaped", () => {
  const characters = fc.string({ unit: fc.constantFrom("a", "é", "€") });
  const everyday = fc.oneof(
    characters,
    fc.array(fc.oneof(fc.integer(), fc.boolean(), characters), { maxLength: 8 }),
    fc.dictionary(characters, fc.oneof(characters, fc.constant(null)), {
      maxKeys: 8,
      noNullPrototype: true,
    }),
  );
  fc.assert(
    fc.property(everyday, (value) => {
      const { length } = JSON.stringify(value);
      // Quotes, colons and commas are left out, numbers taken to be long.
      const about = plainLength(value);
      assert.ok(about >= length - 80 && about <= length + 200, `${length}, not ${about}`);
    }),
    runs(500),
  );
});

test("plainLength takes each number for the longest there is", () => {
  const longest = -1.2345678901234567e-308;
  assert.equal(plainLength(longest), JSON.stringify(longest).length);
  assert.equal(plainLength(1), plainLength(longest));
});

for (
  const [what, value] of [
    ["undefined inside", { a: undefined }],
    ["a hole", [1, , 3]], // deno-lint-ignore-line
    ["a length beyond the items", Object.assign([1], { length: 3 })],
    ["a hole and a key, as many as the length", Object.assign([, 1], { key: 1 })], // deno-lint-ignore-line
    ["a key on an array", Object.assign([1], { key: 1 })],
    ["negative zero", [-0]],
    ["NaN", { a: NaN }],
    ["a date", { at: new Date(0) }],
    ["a map", new Map()],
    ["a map with the prototype of a record", asRecord(new Map())],
    ["an array with the prototype of a record", asRecord([1])],
    ["bytes with the prototype of a record", asRecord(new Uint8Array(1))],
    ["the arguments of a function", argumentsOf(1, 2)],
    ["no arguments of a function", argumentsOf()],
    ["bytes", new Uint8Array(1)],
    ["a class", new Point()],
    ["no prototype", Object.create(null)],
    ["a bigint", 1n],
    ["a function", { f() {} }],
    ["a method toJSON", { toJSON: () => 1 }],
    ["a long text", "x".repeat(100_000)],
    ["an array of many items", new Array(10_000).fill(0)],
  ] as const
) {
  test(`isPlain leaves ${what} to structured clone`, () => {
    assert.equal(isPlain(value), false);
  });
}

test("isPlain leaves shared and circular references to structured clone", () => {
  const shared = { a: 1 };
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  assert.equal(isPlain([shared, shared]), false);
  assert.equal(isPlain(circle), false);
  assert.ok(isPlain([{ a: 1 }, { a: 1 }]), "equal is not shared");
  assert.ok(isPlain(shared), "nothing is remembered from before");
});

test("isPlain takes everyday values", () => {
  for (
    const value of ["", "text", true, null, 1.5, [], {}, [1, "a", [null]], {
      a: { b: [1] },
      c: "d",
    }]
  ) {
    assert.ok(plainLength(value) < 200, JSON.stringify(value));
  }
});
