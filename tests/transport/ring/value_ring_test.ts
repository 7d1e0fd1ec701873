import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  CELLS,
  createRingMemory,
  type ValueMemory,
} from "../../../src/transport/ring/ring_memory.ts";
import { ValueReader, ValueWriter } from "../../../src/transport/ring/value_ring.ts";
import { runs } from "../../fixtures/property.ts";
import { anyValue, argumentsOf, asRecord, assertSame, Point } from "../any_value.ts";
import { guarded } from "../../fixtures/until.ts";

interface Ends {
  readonly memory: ValueMemory;
  readonly writer: ValueWriter;
  readonly reader: ValueReader;
}

function openRing(): Ends {
  const { inputs: memory } = createRingMemory(new Int32Array(new SharedArrayBuffer(4)));
  return { memory, writer: new ValueWriter(memory), reader: new ValueReader(memory) };
}

/** What comes out of a ring of its own; `undefined` if it is not taken. */
function carried(value: unknown): { readonly value: unknown } | undefined {
  const { writer, reader } = openRing();
  if (!writer.add(value)) return undefined;
  writer.flush();
  return { value: reader.next() };
}

test("a value that is taken comes out as structured clone would give it", guarded, () => {
  let taken = 0;
  fc.assert(
    fc.property(anyValue, (value) => {
      const copy = carried(value);
      if (copy === undefined) return;
      taken++;
      assertSame(copy.value, structuredClone(value));
    }),
    runs(3_000),
  );
  assert.ok(taken > 500, `only ${taken} of the values were taken`);
});

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ add: fc.array(anyValue, { minLength: 1, maxLength: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 20 }) }) },
);

test("values come in order, whatever was refused between them, however the two take turns", () => {
  let refused = 0;
  let read = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40, size: "max" }), (steps) => {
      const { writer, reader } = openRing();
      const gathered: unknown[] = [];
      const waiting: unknown[] = [];
      const take = (): void => {
        assertSame(reader.next(), waiting.shift());
        read++;
      };
      for (const step of steps) {
        if ("add" in step) {
          for (const value of step.add) {
            if (writer.add(value)) gathered.push(structuredClone(value));
            else refused++;
          }
        } else {
          writer.flush();
          waiting.push(...gathered.splice(0));
          for (let i = 0; i < step.read && waiting.length > 0; i++) take();
        }
      }
      writer.flush();
      waiting.push(...gathered);
      while (waiting.length > 0) take();
    }),
    runs(300),
  );
  assert.ok(refused > 100 && read > 1_000, `${refused} refused, ${read} read`);
});

for (
  const [what, value] of [
    ["a hole", [1, , 3]], // deno-lint-ignore-line
    ["a length beyond the items", Object.assign([1], { length: 3 })],
    ["a hole and a key, as many as the length", Object.assign([, 1], { key: 1 })], // deno-lint-ignore-line
    ["a key on an array", Object.assign([1], { key: 1 })],
    ["half of a surrogate pair", { text: "a\ud800" }],
    ["half of a surrogate pair in a key", { "\ud800": 1 }],
    ["a key that would set the prototype", JSON.parse('{ "__proto__": 1 }')],
    ["a key that objects inherit, as their prototype may be frozen", { constructor: 1 }],
    ["a date", { at: new Date(0) }],
    ["a map", new Map()],
    ["a map with the prototype of a record", asRecord(new Map())],
    ["a set with the prototype of a record", asRecord(new Set())],
    ["an array with the prototype of a record", asRecord([1])],
    ["bytes with the prototype of a record", asRecord(new Uint8Array(1))],
    ["the arguments of a function", argumentsOf(1, 2)],
    ["no arguments of a function", argumentsOf()],
    ["bytes", new Uint8Array(1)],
    ["a class", new Point()],
    ["no prototype", Object.create(null)],
    ["a bigint of more than 64 bits", 2n ** 63n],
    ["a function", { f() {} }],
    ["a long text", "x".repeat(100_000)],
    ["an array of many items", new Array(10_000).fill(0)],
    ["a getter that throws", {
      get a() {
        throw new Error("no");
      },
    }],
  ] as const
) {
  test(`ValueWriter leaves ${what} to structured clone`, () => {
    const { writer, reader } = openRing();
    assert.ok(writer.add({ before: 1 }));
    assert.equal(writer.add({ text: "gone", value }), false);
    assert.equal(writer.add(value), false);
    assert.ok(writer.add({ after: "b", text: "c" }));
    writer.flush();
    assert.deepEqual(reader.next(), { before: 1 });
    assert.deepEqual(reader.next(), { after: "b", text: "c" });
  });
}

test("ValueWriter leaves what a getter takes parts away from to structured clone", () => {
  const record: Record<string, unknown> = {
    get first() {
      return delete record.second;
    },
    second: 2,
  };
  const array: unknown[] = [0, 1];
  Object.defineProperty(array, 0, { enumerable: true, get: () => array.pop() });
  const { writer } = openRing();
  assert.equal(writer.add(record), false);
  assert.equal(writer.add(array), false);
});

test("ValueWriter leaves shared and circular references to structured clone", () => {
  const shared = { a: 1 };
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  assert.equal(carried([shared, shared]), undefined);
  assert.equal(carried(circle), undefined);
  assert.deepEqual(carried([{ a: 1 }, { a: 1 }])?.value, [{ a: 1 }, { a: 1 }]);
  const { writer } = openRing();
  assert.ok(writer.add(shared) && writer.add(shared), "nothing is remembered from before");
});

test("what JSON does not carry is carried: NaN, -0, undefined inside, toJSON as data", () => {
  const value = { a: NaN, b: [-0, Infinity, undefined], c: undefined, toJSON: "data" };
  assertSame(carried(value)!.value, value);
});

test("bigints of 64 bits are carried", () => {
  const value = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), { id: 9_007_199_254_740_993n, half: 0.5 }];
  assertSame(carried(value)!.value, value);
  assert.equal(carried([-(2n ** 63n) - 1n]), undefined);
});

test("a value is taken as it is when it is added", () => {
  const { writer, reader } = openRing();
  const changing = { text: "before", list: [1] };
  assert.ok(writer.add(changing));
  changing.text = "after";
  changing.list.push(2);
  writer.flush();
  assert.deepEqual(reader.next(), { text: "before", list: [1] });
});

test("there are more keys than are remembered", () => {
  const { writer, reader } = openRing();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 1_000; i++) {
      const value = { same: i, [`key ${i}`]: { [`inner ${i}`]: "x" }, last: null };
      assert.ok(writer.add(value));
      writer.flush();
      assert.deepEqual(reader.next(), value);
    }
  }
});

test("keys that never come again leave the places to those that do", () => {
  const { memory, writer, reader } = openRing();
  const carry = (value: unknown) => {
    assert.ok(writer.add(value));
    writer.flush();
    assert.deepEqual(reader.next(), value);
  };
  for (let i = 0; i < 2_000; i++) carry({ [`user ${i}`]: i });
  memory.tags.fill(0);
  for (let i = 0; i < 100; i++) carry({ id: i, name: "n", price: i });
  const keys = memory.tags.filter((tag) => (tag & 15) === 8); // as text
  assert.equal(keys.length, 3, "each is sent as text once");
});

test("a value that is refused while keys are forgotten changes nothing for the next", () => {
  for (let before = 505; before < 515; before++) {
    const { writer, reader } = openRing();
    const carry = (value: unknown) => {
      assert.ok(writer.add(value));
      writer.flush();
      assert.deepEqual(reader.next(), value);
    };
    for (let i = 0; i < before; i++) carry({ [`key ${i}`]: i });
    assert.equal(writer.add({ a: 1, b: 2, c: { d: 3, e: () => {} } }), false);
    carry({ a: 1, "key 0": 2, d: 3, f: 4 });
    carry({ f: 1, e: 2, b: 3, [`key ${before - 1}`]: 4 });
  }
});

test("a full ring refuses, and takes again when it has been read", () => {
  const { writer, reader } = openRing();
  const row = Array.from({ length: 100 }, (_, i) => i);
  let held = 0;
  for (let round = 0; round < 5; round++) {
    while (writer.add(row)) held++;
    assert.ok(held > CELLS / 2 / 101, `only ${held} rows were held`);
    assert.equal(writer.add(1), false);
    for (; held > 0; held--) assert.deepEqual(reader.next(), row);
    assert.ok(writer.add(row));
    held = 1;
  }
});
