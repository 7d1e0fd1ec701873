import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { TEXT_BYTES } from "../../../src/transport/ring/ring_memory.ts";
import { TextReader, TextWriter } from "../../../src/transport/ring/text_ring.ts";
import { guarded } from "../../fixtures/until.ts";
import { runs } from "../../fixtures/property.ts";

const WRITTEN = 3;
const READ = 5;
/** Characters of the longest text there can be: three bytes each, and three that may be left out. */
const LONGEST = Math.floor((TEXT_BYTES - 3) / 3);

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

/** Writes a text, if it fits. */
function write({ writer, control }: Ends, text: string): boolean {
  if (!writer.fits(text.length)) return false;
  writer.write(text);
  assert.ok(held(control) <= TEXT_BYTES, "it has run over what is not read yet");
  return true;
}

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("", "\ufeff", "\ufffd", "\u0000", "ÿ"),
  // Long ones, of one, two, three and four bytes a character, so that the ring goes round.
  fc.tuple(fc.constantFrom("a", "é", "€", "😀", "\u0001"), fc.nat(1_200))
    .map(([character, length]) => character.repeat(length)),
).filter((text) => text.isWellFormed());

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ write: fc.array(text, { minLength: 1, maxLength: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ read: fc.integer({ min: 1, max: 20 }) }) },
);

test("TextReader gives the texts that TextWriter wrote, in order, however the two take turns", () => {
  let rounds = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const ends = openRing();
      const waiting: string[] = [];
      const read = (): void => {
        const text = waiting.shift()!;
        assert.equal(ends.reader.take(text.length), text);
      };
      for (const step of steps) {
        if ("write" in step) {
          if (write(ends, step.write.join(""))) waiting.push(...step.write);
          else assert.ok(waiting.length > 0, "an empty ring takes what a turn may bring");
        } else {
          for (let i = 0; i < step.read && waiting.length > 0; i++) read();
        }
      }
      while (waiting.length > 0) read();
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
  while (write(ends, long)) count++;
  assert.ok(count * long.length > TEXT_BYTES / 2, "more than half of it can be used");
  assert.ok(!write(ends, long), "it is full");
  for (let i = 0; i < count; i++) assert.equal(ends.reader.take(long.length), long);
  assert.equal(held(ends.control), 0);
  assert.ok(write(ends, long), "there is room again");
});

test("TextWriter has no room for what never fits", () => {
  const { writer } = openRing();
  assert.equal(writer.fits(Infinity), false);
  assert.equal(writer.fits(LONGEST + 1), false);
  assert.equal(writer.fits(LONGEST), true);
});

for (const character of ["x", "é", "€", "😀"]) {
  test(`TextReader takes texts that end at the ring's edge, and after it (${character})`, () => {
    for (let spare = 0; spare < 40; spare++) {
      const ends = openRing();
      const put = (text: string) => {
        assert.ok(write(ends, text));
        assert.equal(ends.reader.take(text.length), text);
      };
      // To `spare` bytes before the edge, then over it by characters of several bytes.
      const upTo = TEXT_BYTES - 12 * 3 - spare;
      while (ends.control[WRITTEN] < upTo) {
        put("x".repeat(Math.min(LONGEST, upTo - ends.control[WRITTEN])));
      }
      for (let i = 0; i < 8; i++) put(`record ${i}..`);
      for (let i = 0; i < 4; i++) put(character.repeat(i + spare));
      assert.equal(held(ends.control), 0);
    }
  });

  test(`TextReader finds whole characters wherever it stops in between (${character})`, () => {
    const ends = openRing();
    const long = ("a" + character).repeat(4_000);
    for (let round = 0; round < 20; round++) {
      assert.ok(write(ends, long));
      for (let at = 0; at < long.length;) {
        // By whole characters: half of a pair is no text that could have been written.
        const part = [...long.slice(at, at + 700 + 14 * round)].slice(0, 400).join("");
        assert.equal(ends.reader.take(part.length), part);
        at += part.length;
      }
      assert.equal(held(ends.control), 0);
    }
  });
}

test("TextWriter has room for characters of three bytes wherever it says so", () => {
  const ends = openRing();
  const waiting: string[] = [];
  for (let i = 0; i < 200; i++) {
    const text = "€".repeat(5_000 + 37 * i);
    while (!write(ends, text)) assert.equal(ends.reader.take(waiting[0].length), waiting.shift());
    waiting.push(text);
  }
  for (const text of waiting) assert.equal(ends.reader.take(text.length), text);
});

test("a text that is kept does not keep more than about 1,000 others in memory", guarded, () => {
  const ends = openRing();
  let sizes = 0;
  const decode = TextDecoder.prototype.decode;
  TextDecoder.prototype.decode = function (...parameters) {
    sizes = Math.max(sizes, (parameters[0] as Uint8Array).length);
    return decode.apply(this, parameters);
  };
  try {
    assert.ok(write(ends, "x".repeat(20_000)));
    for (let i = 0; i < 2_000; i++) ends.reader.take(10);
  } finally {
    TextDecoder.prototype.decode = decode;
  }
  assert.ok(sizes > 10 && sizes <= 1_024, `${sizes} bytes were decoded at once`);
});

test("TextReader goes on when the counters pass 2^31", guarded, () => {
  const ends = openRing();
  const long = "x".repeat(LONGEST);
  while (ends.control[WRITTEN] >= 0 && ends.control[WRITTEN] < 2 ** 31 - TEXT_BYTES) {
    assert.ok(ends.writer.fits(long.length));
    ends.writer.write(long);
    if (ends.reader.take(LONGEST).length !== LONGEST) assert.fail("cut short");
  }
  assert.ok(ends.control[WRITTEN] > 0);
  for (let i = 0; i < 500; i++) {
    const texts = [`text ${i}`, "z".repeat(1_000), "😀"];
    assert.ok(write(ends, texts.join("")));
    for (const text of texts) assert.equal(ends.reader.take(text.length), text);
  }
  assert.ok(ends.control[WRITTEN] < 0, "the counter has passed");
  assert.equal(held(ends.control), 0);
});
