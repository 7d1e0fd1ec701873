import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isPlain } from "../../workers/plain_value.ts";
import { TEXT_BYTES } from "../../workers/ring_memory.ts";
import { TextReader, TextWriter } from "../../workers/text_ring.ts";
import { guarded } from "../fixtures/until.ts";
import { runs } from "../virtual/property.ts";

const WRITTEN = 3;
const READ = 5;
/** Characters of the longest text there can be: three bytes each, in half of the ring. */
const LONGEST = Math.floor(TEXT_BYTES / 2 / 3);

interface Ends {
  readonly bytes: Uint8Array;
  readonly control: Int32Array;
  readonly writer: TextWriter;
  readonly reader: TextReader;
}

function openRing(): Ends {
  const bytes = new Uint8Array(new SharedArrayBuffer(TEXT_BYTES));
  const control = new Int32Array(new SharedArrayBuffer(8 * 4));
  return {
    bytes,
    control,
    writer: new TextWriter(bytes, control, WRITTEN, READ),
    reader: new TextReader(bytes, control, WRITTEN, READ),
  };
}

/** Bytes between the two ends. */
function held(control: Int32Array): number {
  return (control[WRITTEN] - control[READ]) | 0;
}

/** Writes values as the records of one turn, if they fit. */
function write({ writer, control }: Ends, values: readonly unknown[]): boolean {
  const records = "," + JSON.stringify(values).slice(1, -1);
  if (!writer.fits(records.length)) return false;
  writer.write(records);
  assert.ok(held(control) <= TEXT_BYTES, "it has run over what is not read yet");
  return true;
}

const value = fc.oneof(
  fc.integer(),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom(null, true, "", [], {}, ",", '[",', "\ud800", "   "),
  fc.record({
    key: fc.string(),
    list: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })),
  })
    .filter(isPlain),
  // Long ones, of one, two, three and six bytes a character, so that the ring goes round.
  fc.tuple(fc.constantFrom("a", "é", "€", "😀", "\u0001"), fc.nat(1_200))
    .map(([character, length]) => character.repeat(length)),
);

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ write: fc.array(value, { minLength: 1, maxLength: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 20 }) }) },
);

test("TextReader gives the records that TextWriter wrote, in order, however the two take turns", () => {
  let rounds = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const ends = openRing();
      const waiting: unknown[] = [];
      for (const step of steps) {
        if ("write" in step) {
          if (write(ends, step.write)) waiting.push(...step.write);
          else assert.ok(waiting.length > 0, "an empty ring takes what a turn may bring");
        } else {
          for (let i = 0; i < step.read && waiting.length > 0; i++) {
            assert.deepEqual(ends.reader.next(), waiting.shift());
          }
        }
      }
      while (waiting.length > 0) assert.deepEqual(ends.reader.next(), waiting.shift());
      rounds += ends.control[WRITTEN] / TEXT_BYTES;
    }),
    runs(200),
  );
  assert.ok(rounds > 10, `the rings went round ${rounds} times`);
});

test("TextWriter takes back the room of what was read, and not before", () => {
  const ends = openRing();
  const long = "x".repeat(1_300);
  let count = 0;
  while (write(ends, [long])) count++;
  assert.ok(count * long.length > TEXT_BYTES / 2, "more than half of it can be used");
  assert.ok(!write(ends, [long]), "it is full");
  for (let i = 0; i < count; i++) assert.equal(ends.reader.next(), long);
  assert.equal(held(ends.control), 0);
  assert.ok(write(ends, [long]), "there is room again");
});

test("TextWriter has no room for what was not measured, or never fits", () => {
  const { writer } = openRing();
  assert.equal(writer.fits(Infinity), false);
  assert.equal(writer.fits(LONGEST + 1), false);
  assert.equal(writer.fits(LONGEST), true);
});

for (const character of ["x", "é", "€", "😀"]) {
  test(`TextReader takes records that end at the ring's edge, and after it (${character})`, () => {
    for (let spare = 0; spare < 40; spare++) {
      const ends = openRing();
      const put = (text: string) => {
        const record = "," + JSON.stringify(text);
        assert.ok(ends.writer.fits(record.length));
        ends.writer.write(record);
        assert.equal(ends.reader.next(), text);
      };
      // To `spare` bytes before the edge, then records of 13 bytes and of three bytes a character.
      const upTo = TEXT_BYTES - 13 * 3 - spare;
      while (ends.control[WRITTEN] < upTo) {
        put("x".repeat(Math.min(LONGEST - 3, Math.max(upTo - ends.control[WRITTEN] - 3, 0))));
      }
      for (let i = 0; i < 8; i++) put(`record ${i}..`);
      for (let i = 0; i < 4; i++) put(character.repeat(i + spare));
      assert.equal(held(ends.control), 0);
    }
  });
}

test("TextWriter has room for characters of three bytes wherever it says so", () => {
  const ends = openRing();
  const waiting: string[] = [];
  for (let i = 0; i < 200; i++) {
    const text = "€".repeat(5_000 + 37 * i);
    while (!ends.writer.fits(text.length + 3)) assert.equal(ends.reader.next(), waiting.shift());
    ends.writer.write("," + JSON.stringify(text));
    assert.ok(held(ends.control) <= TEXT_BYTES);
    waiting.push(text);
  }
  for (const text of waiting) assert.equal(ends.reader.next(), text);
});

test("TextReader goes on when the counters pass 2^31", guarded, () => {
  const ends = openRing();
  const record = "," + JSON.stringify("x".repeat(LONGEST - 3));
  while (ends.control[WRITTEN] >= 0 && ends.control[WRITTEN] < 2 ** 31 - TEXT_BYTES) {
    assert.ok(ends.writer.fits(record.length));
    ends.writer.write(record);
    if ((ends.reader.next() as string).length !== LONGEST - 3) assert.fail("cut short");
  }
  assert.ok(ends.control[WRITTEN] > 0);
  for (let i = 0; i < 500; i++) {
    const values = [i, `text ${i}`, "z".repeat(1_000)];
    assert.ok(write(ends, values));
    assert.ok(write(ends, values));
    for (const value of [...values, ...values]) assert.deepEqual(ends.reader.next(), value);
  }
  assert.ok(ends.control[WRITTEN] < 0, "the counter has passed");
  assert.equal(held(ends.control), 0);
});
