import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { withOwnBytes } from "../../src/transport/own_bytes.ts";
import { runs } from "../fixtures/property.ts";
import { argumentsOf, asRecord } from "./any_value.ts";

/** A view of a part of a larger buffer. */
function part(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(64).fill(7).subarray(8, 12);
}

function sizeOf({ buffer, byteLength }: ArrayBufferView): readonly [number, number] {
  return [buffer.byteLength, byteLength];
}

test("withOwnBytes() returns a value without such views itself", () => {
  const values = [
    ...[undefined, null, 1, "text", () => {}, new Date(), new Uint8Array(8), new ArrayBuffer(8)],
    ...[
      { a: [new Map([[1, new Uint8Array(3)]])] },
      [new Set([{}])],
      new DataView(new ArrayBuffer(2)),
    ],
    new Uint8Array(new SharedArrayBuffer(8), 2, 3), // what is shared is not copied
  ];
  for (const value of values) assert.equal(withOwnBytes(value, []), value);
});

test("withOwnBytes() copies the bytes of each view, and keeps its type", () => {
  const { buffer } = new Float64Array([1, 2, 3, 4]);
  const views = [
    ...[new Uint8Array(buffer, 8, 8), new Float64Array(buffer, 16, 1), new DataView(buffer, 8, 4)],
    ...[new Uint16Array(buffer, 2, 3), new BigInt64Array(buffer, 8, 2), part()],
  ];
  for (const view of views) {
    const own = withOwnBytes(view, []);
    assert.notEqual(own, view);
    assert.equal(own.constructor, view.constructor);
    assert.deepEqual(sizeOf(own), [view.byteLength, view.byteLength]);
    const bytes = (
      of: ArrayBufferView,
    ) => [...new Uint8Array(of.buffer, of.byteOffset, of.byteLength)];
    assert.deepEqual(bytes(own), bytes(view));
  }
});

test("withOwnBytes() gives what structured clone makes of the value", () => {
  const view = part();
  const holes = Object.assign([1, , view], { key: "kept" }); // deno-lint-ignore-line
  const cyclic: Record<string, unknown> = { view, again: view, holes };
  cyclic.self = cyclic;
  cyclic.map = new Map<unknown, unknown>([[view, cyclic], ["key", new Set([view])]]);
  Object.defineProperty(cyclic, "__proto__", { value: 5, enumerable: true });
  Object.defineProperty(cyclic, "hidden", { value: () => {}, enumerable: false });
  const own = structuredClone(withOwnBytes(cyclic, []));
  assert.deepEqual(own, structuredClone(cyclic));
  assert.equal(own.view, own.again);
  assert.equal(own.self, own);
  assert.deepEqual(sizeOf(own.view as Uint8Array), [4, 4]);
  assert.equal(cyclic.view, view, "the original is left as it is");
  assert.deepEqual(sizeOf(view), [64, 4]);
});

test("withOwnBytes() looks into objects of any class, circles and deep ones", () => {
  class Request {
    readonly body = part();
  }
  const circle: Record<string, unknown> = {};
  circle.a = circle.b = circle;
  let deep: unknown = part();
  for (let i = 0; i < 300; i++) deep = { deep };
  let shared: unknown = {};
  for (let i = 0; i < 20; i++) shared = { left: shared, right: shared };
  for (const value of [new Request(), { circle, at: part() }, { deep }, { shared, at: part() }]) {
    const own = withOwnBytes<unknown>(value, []);
    assert.notEqual(own, value);
    assert.deepEqual(structuredClone(own), structuredClone(value));
  }
  assert.deepEqual(sizeOf(withOwnBytes(new Request(), []).body), [4, 4]);
});

/** A tree of that many levels of records, with a view at its end. */
function nested(levels: number): unknown {
  return levels === 0 ? part() : { [`level${levels}`]: nested(levels - 1) };
}

test("withOwnBytes() finds a view beside a cycle, however many levels are between them", () => {
  for (let levels = 1; levels <= 20; levels++) {
    const self: Record<string, unknown> = { value: nested(levels) };
    self.self = self;
    const nodes = [1, 2, 3].map((): Record<string, unknown> => ({}));
    nodes.forEach((node, i) => {
      Object.assign(node, { previous: nodes[i - 1], next: nodes[i + 1], value: nested(levels) });
    });
    for (const value of [self, nodes[0]]) {
      assert.equal(partsIn(value) > 0, true);
      assert.equal(partsIn(withOwnBytes(value, [])), 0, `${levels} levels`);
    }
  }
});

test("withOwnBytes() finds a view anywhere in a graph", () => {
  const link = fc.tuple(fc.nat(), fc.nat());
  fc.assert(
    fc.property(fc.array(link, { minLength: 1, maxLength: 800 }), fc.nat(), (links, at) => {
      const nodes: Record<string, unknown>[] = [{}];
      links.forEach(([from, back], i) => {
        const node = {};
        nodes[from % nodes.length][`to${i}`] = node;
        nodes.push(node);
        if (back % 2 === 0) nodes[i][`back${i}`] = nodes[back % nodes.length];
      });
      nodes[at % nodes.length].view = part();
      assert.equal(partsIn(withOwnBytes(nodes[0], [])), 0);
    }),
    runs(100),
  );
});

/** Number of views of a part of their buffer. */
function partsIn(value: unknown): number {
  const seen = new Set<unknown>();
  const left = [value];
  let count = 0;
  while (left.length > 0) {
    const item = left.pop();
    if (typeof item !== "object" || item === null || seen.has(item)) continue;
    seen.add(item);
    if (!ArrayBuffer.isView(item)) left.push(...Object.values(item));
    else if (item.byteLength < item.buffer.byteLength) count++;
  }
  return count;
}

test("withOwnBytes() finds such a view wherever structured clone would", () => {
  const view = part();
  let deep: unknown = view;
  for (let i = 0; i < 500; i++) deep = [deep];
  const places = [
    ...[[view], { view }, new Set([view]), new Map([[1, view]]), new Map([[view, 1]])],
    ...[Object.assign(Object.create(null), { view }), [null, undefined, 1, view], deep],
  ];
  for (const value of places) assert.notEqual(withOwnBytes(value, []), value);
});

class Cache extends Map<unknown, unknown> {
  override *[Symbol.iterator](): MapIterator<[unknown, unknown]> {}
  override *entries(): MapIterator<[unknown, unknown]> {}
  override get [Symbol.toStringTag](): string {
    return "Cache";
  }
}

class Tags extends Set<unknown> {
  override *[Symbol.iterator](): SetIterator<unknown> {}
  override *values(): SetIterator<unknown> {}
}

class List extends Array<unknown> {
  override *[Symbol.iterator](): ArrayIterator<unknown> {}
}

class Named {
  readonly bytes = part();
  get [Symbol.toStringTag](): string {
    return "Named";
  }
}

/** What structured clone takes along on this runtime, and no walk along iterators or tags shows. */
const hiding: readonly [what: string, hide: (view: Uint8Array) => object][] = [
  ["a key of an array", (view) => Object.assign([1, 2], { view })],
  [
    "a key of a long array of objects",
    (view) => Object.assign(Array.from({ length: 1_000 }, () => ({})), { view }),
  ],
  ["an empty array", (view) => Object.assign([], { view })],
  ["an array with an iterator of its own", (view) => List.of(view)],
  ["a map with iterators of its own", (view) => new Cache([[1, view], [view, 2]])],
  ["a set with iterators of its own", (view) => new Tags([view])],
  ["a map without a prototype", (view) => Object.setPrototypeOf(new Map([[1, view]]), null)],
  ["a set without a prototype", (view) => Object.setPrototypeOf(new Set([view]), null)],
  ["an object with a tag of its own", () => new Named()],
  ["a record that is tagged as a map", (view) => ({ view, [Symbol.toStringTag]: "Map" })],
  [
    "an object that is tagged as a map",
    (view) => Object.assign(Object.create({ [Symbol.toStringTag]: "Map" }), { view }),
  ],
];

for (const [what, hide] of hiding) {
  test(`withOwnBytes() finds such a view in ${what}, and gives what structured clone does`, () => {
    const value = { first: hide(part()) };
    const own = withOwnBytes(value, []);
    assert.notEqual(own, value);
    const [clone, wanted] = [structuredClone(own), structuredClone(value)];
    assert.deepEqual(clone, wanted);
    assert.equal(Object.getPrototypeOf(clone.first), Object.getPrototypeOf(wanted.first));
    assert.deepEqual(largeBuffersIn(clone), []);
    assert.notDeepEqual(largeBuffersIn(wanted), [], "structured clone takes it along");
  });
}

/** Sizes of buffers that are larger than a view of them. */
function largeBuffersIn(value: unknown, seen = new Set<unknown>()): number[] {
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  if (ArrayBuffer.isView(value)) {
    const [whole, seen] = sizeOf(value);
    return whole > seen ? [whole] : [];
  }
  const inside: unknown[] = Reflect.ownKeys(value).map((key) => Reflect.get(value, key));
  if (value instanceof Map || value instanceof Set) inside.push(...[...value].flat());
  return inside.flatMap((each) => largeBuffersIn(each, seen));
}

test("withOwnBytes() takes no other bytes along with an error", () => {
  class Failure extends TypeError {
    override name = "Failure";
    readonly sample = part();
  }
  const cause = new RangeError("inner", { cause: { view: part() } });
  for (
    const error of [new Failure("outer", { cause }), new Failure(undefined, { cause: part() })]
  ) {
    const before = { error, again: error };
    const own = withOwnBytes(before, []);
    const [clone, wanted] = [structuredClone(own), structuredClone(before)];
    assert.deepEqual(largeBuffersIn(clone), []);
    assert.equal(clone.error, clone.again);
    for (
      let [a, b]: [unknown, unknown] = [clone.error, wanted.error];
      b instanceof Error;
      [a, b] = [(a as Error).cause, b.cause]
    ) {
      assert.equal(Object.getPrototypeOf(a), Object.getPrototypeOf(b));
      for (const key of Reflect.ownKeys(b)) {
        if (key !== "cause") assert.deepEqual(Reflect.get(a as Error, key), Reflect.get(b, key));
      }
    }
    assert.ok(error.cause === cause || error.cause instanceof Uint8Array, "it is not changed");
  }
});

test("withOwnBytes() makes nothing that can be cloned of what cannot", () => {
  const value = argumentsOf(part());
  assert.throws(() => structuredClone(withOwnBytes(value, [])), { name: "DataCloneError" });
});

test("withOwnBytes() keeps what is not a record, beside such a view", () => {
  const value = {
    view: part(),
    map: asRecord(new Map([[1, 2]])),
    set: Object.setPrototypeOf(new Set([1]), null),
    date: new Date(5),
    error: new RangeError("as it is", { cause: 1 }),
    text: Object("text"),
    none: new class {}(),
  };
  const own = structuredClone(withOwnBytes(value, []));
  assert.deepEqual(sizeOf(own.view), [4, 4]);
  assert.deepEqual(own, structuredClone(value));
});

test("withOwnBytes() leaves what is transferred, but no pool of Node's buffers", () => {
  const view = part();
  assert.equal(withOwnBytes(view, [view.buffer]), view);
  const small = Buffer.from(new Uint8Array(64).buffer, 8, 4); // on Bun small ones have no pool
  assert.throws(() => withOwnBytes({ small }, [small.buffer]), {
    name: "DataCloneError",
    message: /^the memory of a small Buffer is shared .*Uint8Array\.from/,
  });
  const whole = Buffer.alloc(4, 1);
  assert.equal(withOwnBytes(whole, [whole.buffer]), whole);
});

test("withOwnBytes() does not look for ever, nor too deep", () => {
  let deep: unknown = part();
  for (let i = 0; i < 100_000; i++) deep = [deep];
  assert.equal(withOwnBytes(deep, []), deep);
  let wide: unknown[] = [];
  for (let i = 0; i < 60; i++) wide = [wide, wide]; // 2^60 ways through it
  assert.equal(withOwnBytes(wide, []), wide);
  const many = Array.from({ length: 100_000 }, () => ({}));
  assert.equal(withOwnBytes(many, []), many);
});
