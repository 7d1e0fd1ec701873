// What a text that came through the ring holds on to.
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { runtimeInfo } from "../../../mod.ts";
import { TEXT_BYTES } from "../../../src/transport/ring/ring_memory.ts";
import { TextReader, TextWriter } from "../../../src/transport/ring/text_ring.ts";
import { guarded } from "../../fixtures/until.ts";

const TEXTS = 4_000;
/** So many are read with one that is kept. */
const NEIGHBOURS = 40;

/** A function that collects all garbage; `null` where there is none. */
function findCollector(): (() => void) | null {
  const { name } = runtimeInfo();
  if (name === "bun") {
    const { Bun } = globalThis as unknown as { Bun: { gc(force: boolean): void } };
    return () => Bun.gc(true);
  }
  if (name !== "node") return null;
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

test("a text that is kept holds its own characters only", guarded, (t) => {
  const collect = findCollector();
  if (collect === null) return t.skip("garbage can be collected on Node and Bun only");
  const bytes = new Uint8Array(new SharedArrayBuffer(TEXT_BYTES));
  const control = new Int32Array(new SharedArrayBuffer(8));
  const writer = new TextWriter(bytes, control, 0, 1);
  const reader = new TextReader(bytes, control, 0, 1);
  const kept: string[] = [];
  const keepMore = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const text = `customer ${String(i).padStart(16, "0")}`;
      writer.write(text.repeat(NEIGHBOURS));
      for (let k = 0; k < NEIGHBOURS; k++) {
        const read = reader.take(text.length);
        assert.equal(read, text);
        if (k === NEIGHBOURS / 2) kept.push(read);
      }
    }
  };
  keepMore(1_000);
  collect();
  const before = process.memoryUsage().heapUsed;
  keepMore(TEXTS);
  collect();
  const each = (process.memoryUsage().heapUsed - before) / TEXTS;
  assert.ok(each < 300, `${each} bytes each`); // 1,000 and more with their neighbours
  assert.equal(kept.length, 1_000 + TEXTS);
});
