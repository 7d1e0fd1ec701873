import assert from "node:assert/strict";
import fc from "fast-check";

/** A class of a job file. */
export class Point {
  readonly x = 1;
}
class List extends Array<unknown> {}

/** Gives any object the prototype of a record. */
export function asRecord<T extends object>(object: T): T {
  return Object.setPrototypeOf(object, Object.prototype);
}

/** What no runtime clones. */
export function argumentsOf(..._: unknown[]): object {
  return arguments;
}

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
  recordPrototype: (target) => Object.setPrototypeOf(target, Object.prototype),
  mapAsRecord: (target, other) => asRecord(new Map([[target, other]])),
  setAsRecord: (target) => asRecord(new Set([target])),
  boxedAsRecord: () => asRecord(Object("text")),
  bytesAsRecord: () => asRecord(new Uint8Array(3)),
  errorAsRecord: () => asRecord(new Error("e")),
  dateAsRecord: () => asRecord(new Date(0)),
  mapWithoutPrototype: (target) => Object.setPrototypeOf(new Map([[1, target]]), null),
  tagged: (target) => Object.assign(target, { [Symbol.toStringTag]: "Map" }),
  args: (target, other) => argumentsOf(target, other),
  noArgs: () => argumentsOf(),
  indices: (_, other) => ({ 0: other, 10: other, 5: 1 }),
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

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
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

/** Anything that a job may be given or give. */
export const anyValue: fc.Arbitrary<unknown> = value;

/** Throws unless both are the same all the way down, and share what they share in the same places. */
export function assertSame(a: unknown, b: unknown, pairs = new Map<object, object>()): void {
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
