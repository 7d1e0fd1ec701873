import assert from "node:assert/strict";
import { test } from "node:test";
import * as ring from "../../../src/transport/ring/ring_memory.ts";

test("each counter has a cache line of its own", () => {
  const awake = new Int32Array(new SharedArrayBuffer(4));
  const { control, inputs, outputs } = ring.createRingMemory(awake);
  const places = [
    ...[ring.WRITTEN, ring.DONE, ring.SLEEP, ring.BELL, ring.COUNTED],
    ...Object.values(inputs.places),
    ...Object.values(outputs.places),
  ];
  const lines = new Set(places.map((place) => Math.floor(place * control.BYTES_PER_ELEMENT / 64)));
  assert.equal(lines.size, places.length);
  for (const place of places) assert.ok(place < control.length, `${place}`);
});
