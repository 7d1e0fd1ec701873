import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isPlain, plainLength } from "../../workers/plain_value.ts";
import { runs } from "../virtual/property.ts";

class Point {
  readonly x = 1;
}
class List extends Array<unknown> {}

/** Changes a container into something that JSON may not carry as structured clone does. */
type Twist = (target: Record<string, unknown>, other: unknown) => unknown;

const twists: Record<string, Twist> = {
  asItIs: (target) => target,
  sharedTwice: (target, other) => Object.assign(target, { left: other, right: other }),
  cycle: (target) => Object.assign(target, { self: target }),
  undefinedInside: (target) => Object.assign(target, { none: undefined }),
  extraKey: (target, other) => Object.assign(target, { extra: other }),
  negativeIndex: (target, other) => Object.assign(target, { "-1": other }),
  hole: (target) => {
    delete target[Object.keys(target)[0]];
    return target;
  },
  longer: (target) => Array.isArray(target) ? Object.assign(target, { length: 9 }) : target,
  symbolKey: (target) => Object.assign(target, { [Symbol("s")]: 1 }),
  hidden: (target, other) => Object.defineProperty(target, "hidden", { value: other }),
  hiddenIndex: (target, other) => Object.defineProperty(target, "0", { value: other }),
  getter: (target, other) =>
    Object.defineProperty(target, "got", { get: () => other, enumerable: true }),
  protoKey: (target, other) =>
    Object.defineProperty(target, "__proto__", { value: other, enumerable: true }),
  toJson: (target) => Object.assign(target, { toJSON: () => 1 }),
  toJsonData: (target, other) => Object.assign(target, { toJSON: other }),
  noPrototype: (target) => Object.assign(Object.create(null), target),
  ownPrototype: (target) => Object.assign(Object.create({ inherited: 1 }), target),
  instance: (target) => Object.assign(new Point(), target),
  subclass: (_, other) => List.of(other),
  frozen: (target) => Object.freeze(target),
  inMap: (target, other) => new Map([[target, other]]),
  inSet: (target) => new Set([target]),
  boxed: () => Object("text"),
  withMethod: (target) => Object.assign(target, { method() {} }),
};

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  // Halves of surrogate pairs, control characters, quotes: six bytes each at most.
  fc.array(fc.constantFrom("\ud800", "\udc00", "\u0000", "\u001f", '"', "\\", "\u2028", "€", "a"))
    .map((characters) => characters.join("")),
  fc.nat(2_000).map((length) => "\u0001".repeat(length)),
);

const leaf: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 6, arbitrary: fc.double() },
  { weight: 3, arbitrary: fc.integer() },
  { weight: 3, arbitrary: fc.constantFrom(true, false, null) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(NaN, Infinity, -0, undefined, 5e-324, -1.7976931348623157e308, 1e21),
  },
  { weight: 1, arbitrary: fc.bigInt() },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      () => new Date(0),
      () => /x/g,
      () => new Map([["a", 1]]),
      () => new Set([1]),
      () => new Uint8Array(3),
      () => new ArrayBuffer(3),
      () => new DataView(new ArrayBuffer(3)),
      () => new Error("e"),
      () => Symbol("s"),
      () => () => 1,
      () => new Array(3),
    ).map((make) => make()),
  },
);

const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(text, tie("value"), { maxKeys: 5 }),
    fc.tuple(
      fc.oneof(
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie("value"), { maxKeys: 3 }),
      ),
      fc.constantFrom(...Object.keys(twists)),
      tie("value"),
    ).map(([target, name, other]) =>
      twists[name](target as unknown as Record<string, unknown>, other)
    ),
  ),
}));

/** Throws unless both are the same all the way down, and share what they share in the same places. */
function assertSame(a: unknown, b: unknown, pairs = new Map<object, object>()): void {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) {
    return assert.ok(Object.is(a, b), `${String(a)} is not ${String(b)}`);
  }
  if (pairs.has(a)) return assert.ok(pairs.get(a) === b, "shared here and not there");
  assert.ok(![...pairs.values()].includes(b), "shared there and not here");
  pairs.set(a, b);
  assert.equal(Object.getPrototypeOf(a), Object.getPrototypeOf(b));
  assert.deepEqual(Reflect.ownKeys(a), Reflect.ownKeys(b));
  for (const key of Reflect.ownKeys(a)) {
    assertSame(Reflect.get(a, key), Reflect.get(b, key), pairs);
  }
}

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
