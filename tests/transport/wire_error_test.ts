// Thrown values, encoded and decoded in between a structured clone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { jobStack } from "../../src/define/job_stack.ts";
import { decodeError } from "../../src/transport/decode_error.ts";
import { encodeError } from "../../src/transport/encode_error.ts";
import {
  MAX_ENTRIES,
  MAX_OBJECTS,
  MAX_TEXT,
  type WireError,
} from "../../src/transport/wire_error.ts";
import { runs } from "../fixtures/property.ts";
import { createAxiosLike, createChain, createMesh, MyRange } from "../fixtures/thrown.ts";
import { guarded } from "../fixtures/until.ts";
import { assertSameGraph, thrownGraph } from "./thrown_graph.ts";

function carried(thrown: unknown): unknown {
  return decodeError(structuredClone(encodeError(thrown)));
}

// The fields of any error.
// deno-lint-ignore no-explicit-any
type Any = any;

/** Characters of all texts in what is sent. */
function textOf(wire: unknown): number {
  if (typeof wire === "string") return wire.length;
  return Array.isArray(wire) ? wire.reduce((sum, part) => sum + textOf(part), 0) : 0;
}

test("any graph of errors and data arrives as it is", () => {
  fc.assert(
    fc.property(thrownGraph, (thrown) => assertSameGraph(thrown, carried(thrown))),
    runs(500),
  );
});

test("each error is sent once, however many refer to it", () => {
  for (const size of [40, 300]) {
    const [first] = createMesh(size);
    assert.equal(encodeError(first).length, size + 1);
    const { others } = carried(first) as Any;
    assert.equal(others.length, size);
    for (const error of others) assert.equal(error.others, others);
  }
  const errors = Array.from({ length: 60 }, (_, i) => new Error(`${i}`));
  const parent = new AggregateError(errors);
  for (const error of errors) Object.assign(error, { parent, siblings: errors });
  assert.equal(encodeError(parent).length, 63);
  const decoded = carried(parent) as Any;
  for (const error of decoded.errors) assert.equal(error.parent, decoded);
});

test("a chain of causes keeps its first 1,000, and tells that there were more", () => {
  let depth = 0;
  let error = carried(createChain(10_000)) as Error;
  for (; error instanceof Error; error = error.cause as Error) {
    assert.equal(error.message, depth === 9_999 ? "the last" : `error ${9_999 - depth}`);
    depth++;
  }
  assert.equal(depth, MAX_OBJECTS);
  assert.equal(error, "… more than 1000 objects");
});

test("causes come before data", () => {
  const error = createChain(100);
  const data = (): unknown[] => Array.from({ length: 600 }, () => ({ a: {}, b: {} }));
  Object.assign(error, { data: data(), more: data() });
  let left = carried(error) as Any;
  for (let i = 0; i < 99; i++) left = left.cause;
  assert.equal(left.message, "the last");
  assert.match(JSON.stringify(carried(error), ["data", "a"]), /… more than 1000 objects/);
});

test("too many entries are cut, with a mark", () => {
  const many = new Array(1e9);
  many[0] = "first";
  const record = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, i]));
  const pairs = new Map(Object.entries(record));
  const set = new Set(pairs.keys());
  const mark = `… more than ${MAX_ENTRIES} entries`;
  const list = carried(many) as unknown[];
  assert.deepEqual([list.length, list[0], list.at(-1)], [MAX_ENTRIES + 1, "first", mark]);
  const object = carried(record) as Record<string, unknown>;
  assert.deepEqual([Object.keys(object).length, object["…"]], [MAX_ENTRIES + 1, mark]);
  const map = carried(pairs) as Map<unknown, unknown>;
  assert.deepEqual([map.size, map.get(mark)], [MAX_ENTRIES + 1, mark]);
  assert.ok((carried(set) as Set<unknown>).has(mark));
  const error = carried(Object.assign(new Error("e"), record)) as Any;
  assert.equal(error["…"], mark);
  assert.equal(error.message, "e");
});

test("too much text is cut, with a mark, and no text takes it all", () => {
  const long = "x".repeat(1_000_000);
  const cause = new RangeError("inner", { cause: long });
  const error = Object.assign(new TypeError(long, { cause }), { body: long });
  const decoded = carried(error) as Any;
  const [kept, mark] = [decoded.message.lastIndexOf("x") + 1, /… (\d+) more characters$/];
  assert.ok(kept > MAX_TEXT / 2 - 100 && kept <= MAX_TEXT / 2, `${kept}`);
  assert.equal(Number(mark.exec(decoded.message)![1]), long.length - kept);
  assert.ok(mark.test(decoded.body) && mark.test(decoded.stack) && mark.test(decoded.cause.cause));
  assert.deepEqual([decoded.name, decoded.cause.message], ["TypeError", "inner"]);
  assert.match(decoded.cause.stack, /^RangeError: inner\n.*wire_error_test/s);
  const deep = createChain(900);
  for (let at: Any = deep; at !== undefined; at = at.cause) at.stack = "s".repeat(2_000);
  // The texts that are cut keep 32 characters and tell how many are missing.
  assert.ok(textOf(encodeError(deep)) < 2 * MAX_TEXT);
  assert.equal((carried(long) as string).length, MAX_TEXT / 2 + "… 868928 more characters".length);
});

test("bytes count as text, and a view as its own bytes only", () => {
  const small = Uint8Array.of(1, 2);
  const view = new Uint8Array(new ArrayBuffer(10_000_000), 5, 10);
  const decoded = carried({
    small,
    view,
    large: new Uint8Array(10_000_000),
    buffer: new ArrayBuffer(9),
    blob: new Blob(["a"]),
  }) as Any;
  assert.deepEqual(decoded.small, small);
  assert.deepEqual([decoded.view.byteLength, decoded.view.buffer.byteLength], [10, 10]);
  assert.equal(decoded.large, "… 10000000 bytes");
  assert.equal(decoded.buffer.byteLength, 9);
});

test("what cannot be cloned is lost, and nothing with it", () => {
  const { config, request, response, code } = carried(createAxiosLike()) as Any;
  assert.deepEqual(config, {
    url: "https://example.com/",
    headers: { accept: "*/*" },
    transformRequest: [undefined],
    env: {},
    timeout: 500,
  });
  assert.equal(code, "ERR_BAD");
  assert.equal(response.config, config);
  assert.equal(response.request, request);
  assert.deepEqual(Object.keys(request), ["config"]);
  const cause = { by: () => 1, when: Symbol("s"), late: Promise.resolve(), kept: [1] };
  assert.deepEqual((carried(new Error("e", { cause })) as Error).cause, { kept: [1] });
  assert.deepEqual(carried({ status: 503, retry() {} }), { status: 503 });
  const error = carried(new Error("e", { cause: () => 1 })) as Error;
  assert.equal("cause" in error, false);
  const map = new Map<unknown, unknown>([["a", 1], ["b", () => 1], [Symbol("c"), 2]]);
  assert.deepEqual(carried(map), new Map([["a", 1]]));
});

test("what cannot be cloned at all arrives as text", () => {
  assert.equal(carried(Symbol("s")), "Symbol(s)");
  assert.match(carried(() => 17) as string, /17/);
  assert.equal(carried(Promise.resolve()), "[object Promise]");
  const bare = Object.assign(() => 1, { toString: () => assert.fail("thrown by toString") });
  assert.equal(carried(bare), "An error that cannot be read");
});

const BUILT_IN = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
];

test("built-in classes come back as themselves, others as the nearest of them", () => {
  for (const type of BUILT_IN) {
    class Custom extends type {
      readonly field = 1;
    }
    for (const made of [new type("m"), new Custom("m"), runInNewContext(`new ${type.name}("m")`)]) {
      const decoded = carried(made) as Error;
      assert.equal(Object.getPrototypeOf(decoded), type.prototype);
      assert.deepEqual([decoded.name, decoded.message], [type.name, "m"]);
      assert.equal(decoded.stack, jobStack(made.stack!));
      assert.equal(Object.prototype.toString.call(decoded), "[object Error]");
      assert.deepEqual(Object.keys(decoded), made instanceof Custom ? ["field"] : []);
    }
  }
  const range = carried(new MyRange("m")) as MyRange;
  assert.equal(Object.getPrototypeOf(range), RangeError.prototype);
  assert.deepEqual(range.limit, { min: 1, tried: [0, -1] });
});

test("AggregateError and DOMException keep errors, name and code", () => {
  const several = carried(new AggregateError([new TypeError("a"), 1], "m", { cause: 2 })) as Any;
  assert.ok(several instanceof AggregateError);
  assert.ok(several.errors[0] instanceof TypeError);
  assert.deepEqual([several.message, several.errors[1], several.cause], ["m", 1, 2]);
  assert.deepEqual(Object.keys(several), [], "errors and cause are not enumerable");
  const before = Object.assign(new DOMException("m", "TimeoutError"), { extra: 1 });
  const timeout = carried(before) as Any;
  assert.equal(Object.getPrototypeOf(timeout), DOMException.prototype);
  const { name, message, code, extra, stack } = timeout;
  assert.deepEqual([name, message, code, extra], ["TimeoutError", "m", 23, 1]);
  assert.equal(stack, before.stack && jobStack(before.stack));
});

test("an error of another realm is one though it looks odd", () => {
  const code = `
    class Far extends TypeError { get [Symbol.toStringTag]() { return "Far"; } }
    Object.assign(new Far("m", { cause: new RangeError("c") }), { name: "Own", code: "E", of: [1] });
  `;
  const decoded = carried(runInNewContext(code)) as Any;
  assert.equal(Object.getPrototypeOf(decoded), TypeError.prototype);
  assert.deepEqual([decoded.name, decoded.message, decoded.code], ["Own", "m", "E"]);
  assert.deepEqual(decoded.of, [1]);
  assert.ok(decoded.cause instanceof RangeError);
  const bare = runInNewContext(`Object.setPrototypeOf(new Error("m"), null)`);
  assert.ok(carried(bare) instanceof Error);
});

const refuse = (): never => assert.fail("thrown by a trap");
const traps: ProxyHandler<object> = {
  get: refuse,
  has: refuse,
  ownKeys: refuse,
  getPrototypeOf: refuse,
  getOwnPropertyDescriptor: refuse,
};

/** An error whose stack is not taken from it any more. */
function createRead(): Error {
  const error = new Error("e");
  error.stack = "";
  return error;
}

function createRevoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const awkward: Readonly<Record<string, () => unknown>> = {
  "a proxy that throws": () => new Proxy({}, traps),
  "a proxy of an error that throws": () =>
    new Proxy(new Error("e"), { ...traps, getPrototypeOf: undefined }),
  "a proxy of an array that throws": () => new Proxy([], traps),
  "a proxy without an end": () => {
    const proxy: object = new Proxy({}, { getPrototypeOf: () => proxy });
    return proxy;
  },
  "a revoked proxy": createRevoked,
  "getters that throw": () =>
    Object.defineProperties(createRead(), {
      name: { get: refuse },
      message: { get: refuse },
      stack: { get: refuse },
      cause: { get: refuse },
      field: { get: refuse, enumerable: true },
    }),
  "a toString that throws": () => Object.assign(new Error("e"), { name: { toString: refuse } }),
  "a tag that throws": () => ({
    get [Symbol.toStringTag]() {
      return refuse();
    },
  }),
  "a tag that lies": () => ({ [Symbol.toStringTag]: "Map" }),
  "a tag that is an error's": () => ({ [Symbol.toStringTag]: "Error", message: Symbol("m") }),
  "a symbol as name": () => Object.assign(new Error("e"), { name: Symbol("n") }),
  "a list as stack": () => Object.assign(new Error("e"), { stack: [{}, () => 1] }),
  "an object without a prototype": () => Object.create(null),
};

test("encoding never throws, whatever is thrown, and keeps what is beside it", () => {
  for (const [name, make] of Object.entries(awkward)) {
    assert.doesNotThrow(() => carried(make()), name);
    assert.equal((carried({ beside: make(), kept: 1 }) as Any).kept, 1, name);
    const error = Object.assign(new TypeError("e", { cause: make() }), { field: make(), kept: 1 });
    const decoded = carried(error) as Any;
    assert.deepEqual([decoded.name, decoded.message, decoded.kept], ["TypeError", "e", 1], name);
  }
  const { name, message } = carried(awkward["getters that throw"]()) as Error;
  assert.deepEqual([name, message], ["Error", ""]);
});

test("a field named __proto__ is a field", () => {
  const thrown = JSON.parse('{"__proto__": {"polluted": true}}');
  for (const each of [thrown, Object.assign(new Error("e"), { data: thrown }).data]) {
    const decoded = carried(each) as Any;
    assert.deepEqual(Object.keys(decoded), ["__proto__"]);
    assert.equal(Object.getPrototypeOf(decoded), Object.prototype);
    assert.equal(decoded.polluted, undefined);
  }
});

test("what is encoded does not change any more", () => {
  const data = { list: [1], day: new Date(0), bytes: Uint8Array.of(1) };
  const wire = encodeError(data);
  data.list.push(2);
  data.day.setTime(1);
  data.bytes[0] = 2;
  assert.deepEqual(decodeError(wire), { list: [1], day: new Date(0), bytes: Uint8Array.of(1) });
});

test("a list of errors has the bounds of each", () => {
  const errors = Array.from({ length: 3 }, () => createChain(900));
  const decoded = decodeError(structuredClone(encodeError(errors, 3)), 3) as Any[];
  for (const error of decoded) {
    let at = error;
    for (let i = 0; i < 899; i++) at = at.cause;
    assert.equal(at.message, "the last");
  }
});

const slot = fc.oneof(fc.jsonValue(), fc.tuple(fc.oneof(fc.integer(), fc.string(), fc.double())));
const form = fc.constantFrom("error", "object", "array", "map", "set", "value", "other", null);
const part = fc.oneof(
  slot,
  fc.array(slot),
  fc.constantFrom("__proto__", "TypeError", "DOMException"),
);
const garbage = fc.oneof(
  fc.anything(),
  fc.array(fc.oneof(
    fc.anything(),
    fc.tuple(form, part, part, part, part, fc.array(part), fc.array(part)),
  )),
);

test("decoding takes anything", guarded, () => {
  fc.assert(
    fc.property(garbage, (wire) => {
      decodeError(wire as WireError);
      assert.equal(Object.keys(Object.prototype).length, 0);
    }),
    runs(500),
  );
});

test("decoding takes a place that no object has for nothing", () => {
  assert.deepEqual(decodeError([["array", [[1], [-1], [0.5]]]]), [undefined, undefined, undefined]);
});

test("decoding reads no more than encoding writes", () => {
  const list = Array.from({ length: 100_000 }, (_, i) => i);
  const wire = Array.from({ length: 100_000 }, () => ["array", list]);
  wire[0] = ["array", wire.map((_, i) => [i]) as unknown as number[]];
  const all = decodeError(wire as unknown as WireError) as unknown[][];
  const items = all.reduce((sum, each) => sum + (each?.length ?? 0), 0);
  assert.ok(items <= 2 * (MAX_ENTRIES + MAX_OBJECTS), `${items}`);
});
