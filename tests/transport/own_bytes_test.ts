import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { withOwnBytes } from "../../src/transport/own_bytes.ts";

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
