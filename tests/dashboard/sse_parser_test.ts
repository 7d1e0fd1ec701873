import assert from "node:assert/strict";
import { test } from "node:test";
import { type SseEvent, SseParser } from "../../src/http/dashboard/page/sse_parser.ts";
import { guarded } from "../fixtures/until.ts";

const text = [
  ": a comment\r\n\r\n",
  'event: decisions\r\ndata: {"a":1}\r\n\r\n',
  "data:one\ndata: two\n\n",
  "event: nothing\n\n",
  "retry: 5\rid: 9\rdata:  kept\r\r",
  "event: cut off\ndata: never ends",
].join("");

const events: SseEvent[] = [
  { event: "decisions", data: '{"a":1}' },
  { event: "message", data: "one\ntwo" },
  { event: "message", data: " kept" },
];

test("SseParser reads events, whichever way their lines end", () => {
  assert.deepEqual(new SseParser().push(text), events);
});

test("SseParser reads the same wherever the text is cut", () => {
  for (let first = 0; first <= text.length; first++) {
    for (const size of [1, 2, 7, text.length]) {
      const parser = new SseParser();
      const found = parser.push(text.slice(0, first));
      for (let at = first; at < text.length; at += size) {
        found.push(...parser.push(text.slice(at, at + size)));
      }
      assert.deepEqual(found, events, `cut at ${first}, then every ${size}`);
    }
  }
});

test("SseParser holds no event without an end for ever", guarded, () => {
  const parser = new SseParser();
  const piece = "x".repeat(1_000_000);
  assert.throws(() => {
    for (let i = 0; i < 5; i++) parser.push(piece);
  }, RangeError);
  const lines = new SseParser();
  assert.throws(() => {
    for (let i = 0; i < 5; i++) lines.push(`data: ${piece}\n`);
  }, RangeError);
});
