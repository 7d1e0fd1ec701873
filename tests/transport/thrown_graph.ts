import assert from "node:assert/strict";
import fc from "fast-check";

type Link = readonly [from: number, key: string, to: number];

const kinds = {
  error: () => new Error("e"),
  type: () => new TypeError("t"),
  aggregate: () => new AggregateError([], "a"),
  dom: () => new DOMException("d", "AbortError"),
  object: () => ({}),
  array: () => [] as unknown[],
  map: () => new Map<unknown, unknown>(),
  set: () => new Set<unknown>(),
};

function put(object: object, key: string, value: unknown): void {
  if (Array.isArray(object)) object.push(value);
  else if (object instanceof Map) object.set(key, value).set(value, key);
  else if (object instanceof Set) object.add(value);
  else if (key === "cause") Object.defineProperty(object, key, { value, configurable: true });
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true });
}

const key = fc.oneof(
  fc.string(),
  fc.constantFrom("cause", "__proto__", "constructor", "then", "0"),
);
const primitive = fc.oneof(fc.string(), fc.double(), fc.bigInt(), fc.constantFrom(null, undefined));
const node = fc.nat(29);

/** Any objects, in any reference to each other, the first of which is thrown. */
export const thrownGraph: fc.Arbitrary<unknown> = fc.tuple(
  fc.array(fc.constantFrom(...Object.keys(kinds) as (keyof typeof kinds)[]), {
    minLength: 1,
    maxLength: 30,
  }),
  fc.array(fc.tuple(node, key, node) as fc.Arbitrary<Link>, { maxLength: 90 }),
  fc.array(fc.tuple(node, key, primitive), { maxLength: 30 }),
).map(([names, links, leaves]) => {
  const objects: object[] = names.map((name) => kinds[name]());
  const at = (place: number): object => objects[place % objects.length];
  for (const [from, key, value] of leaves) put(at(from), key, value);
  for (const [from, key, to] of links) put(at(from), key, at(to));
  return objects[0];
});

/** Throws unless both are the same all the way down, and share what they share in the same places. */
export function assertSameGraph(before: unknown, after: unknown): void {
  const pairs = new Map<unknown, unknown>();
  const back = new Map<unknown, unknown>();
  const waiting: [unknown, unknown][] = [[before, after]];
  for (let pair = waiting.pop(); pair !== undefined; pair = waiting.pop()) {
    const [a, b] = pair;
    if (typeof a !== "object" || a === null) {
      assert.ok(Object.is(a, b), `${String(a)} is not ${String(b)}`);
      continue;
    }
    if (pairs.has(a) || back.has(b)) {
      assert.ok(pairs.get(a) === b && back.get(b) === a, "shared here and not there");
      continue;
    }
    pairs.set(a, b);
    back.set(b, a);
    assert.equal(Object.getPrototypeOf(a), Object.getPrototypeOf(b));
    const [from, to] = [partsOf(a), partsOf(b as object)];
    assert.deepEqual(from.map(([key]) => key), to.map(([key]) => key));
    from.forEach(([, value], i) => waiting.push([value, to[i][1]]));
  }
}

function partsOf(object: object): [string, unknown][] {
  if (object instanceof Map) {
    return [...object].flatMap(([key, value]) => [["key", key], ["value", value]]);
  }
  if (object instanceof Set) return [...object].map((item) => ["item", item]);
  const keys = object instanceof Error || object instanceof DOMException
    ? ["name", "message", "stack", "cause", "errors", "code", ...Object.keys(object)]
    : Object.keys(object);
  return keys.map((key) => [key, Reflect.get(object, key)]);
}
