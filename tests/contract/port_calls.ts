import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createFlags, isUp, raise, RELEASED, STARTED } from "../fixtures/flags.ts";
import { until } from "../fixtures/until.ts";
import type { PortSetUp } from "./port_way.ts";

/** A turn goes on for so long at most, in ms. */
const PATIENCE_MS = 20_000;

/** What a port must do with the calls it holds: their order, their room, and taking them back. */
export function portCalls({ withPort }: PortSetUp): void {
  withPort("ready comes once, then calls give their outputs", async (owner) => {
    const { ok, value, runMs } = await owner.resultOf(owner.post("add", { a: 40, b: 2 }));
    assert.deepEqual({ ok, value }, { ok: true, value: 42 });
    assert.ok(runMs >= 0);
    assert.deepEqual(owner.words, ["ready", "result"]);
  });

  withPort("post() carries what structured clone carries", async (owner) => {
    assert.equal(await owner.run("add", { a: 1n, b: 2n }), 3n);
    assert.ok(Number.isNaN(await owner.run("add", { a: 1, b: undefined })));
    assert.equal(await owner.run("byteLength", new ArrayBuffer(8)), 8);
  });

  withPort("a small Buffer goes with its own bytes, and none of its neighbours'", async (owner) => {
    const neighbour = Buffer.from("a secret of somebody else");
    const bytes = Buffer.from("hi");
    assert.deepEqual(await owner.run("bufferSizes", bytes), [2]);
    assert.deepEqual(
      await owner.run("bufferSizes", { list: [{ bytes }, new Map([["b", bytes]])] }),
      [2, 2],
    );
    const seq = owner.post("bufferSizes", [bytes, neighbour], [], false);
    assert.deepEqual((await owner.resultOf(seq)).value, [2, neighbour.byteLength]);
    for (const kind of ["smallBuffer", "reportSmallBuffer"]) {
      const output = await owner.run(kind, "hi") as { readonly bytes: Uint8Array };
      assert.deepEqual([output.bytes.byteLength, output.bytes.buffer.byteLength], [2, 2], kind);
    }
    const [told] = owner.said.flatMap((said) => said.what === "progress" ? [said.value] : []);
    assert.equal((told as Uint8Array).buffer.byteLength, 2);
    const { value } = await owner.resultOf(owner.post("failWithSmallBuffer", "hi"));
    assert.equal((value as { readonly bytes: Uint8Array }).bytes.buffer.byteLength, 2);
  });

  withPort("each call has its own output, whatever the promise of another does", async (owner) => {
    const seqs = [owner.post("endTwice", 1), owner.post("thenThrows", 1)];
    const rest = [1, 2, 3].map((n) => owner.post("echo", n));
    await owner.resultOf(rest[2]);
    const results = owner.said.flatMap((said) => said.what === "result" ? [said] : []);
    assert.deepEqual(results.map(({ seq, value }) => [seq, value]), [
      ...[[seqs[0], "one"], [seqs[1], "one"]],
      ...rest.map((seq, i) => [seq, i + 1]),
    ]);
    assert.equal(await owner.run("echo", 4), 4);
  });

  withPort("what cannot be moved is refused in words", (owner) => {
    const pooled = Buffer.from(new ArrayBuffer(64), 8, 2);
    const wrong: readonly (readonly [unknown, unknown])[] = [
      [pooled, pooled.buffer],
      [{}, new SharedArrayBuffer(8)],
      [{}, {}],
    ];
    for (const [input, movable] of wrong) {
      assert.throws(() => owner.post("echo", input, [movable as ArrayBuffer]), {
        name: "DataCloneError",
        message: /^Input of the job cannot be sent: .*transferred/,
      });
    }
    return Promise.resolve();
  });

  withPort("a result is there while the next call runs, of whatever kind", async (owner) => {
    for (let i = 0; i < 100; i++) await owner.run("holdOrNot", null); // it is known to be short
    const { release } = await owner.occupy();
    const quick = [owner.post("holdOrNot", null), owner.post("holdOrNot", null)];
    const flags = createFlags();
    const long = owner.post("holdOrNot", flags);
    release();
    await until(() => isUp(flags, STARTED));
    await until(() => {
      if (owner.port.hasResults) owner.port.poll();
      return owner.answered.includes(quick[1]);
    });
    assert.ok(!owner.answered.includes(long));
    raise(flags, RELEASED);
    await owner.resultOf(long);
  });

  withPort("results come in the order of the calls, each with its number", async (owner) => {
    for (let i = 1; i <= 20; i++) assert.equal(await owner.run("scale", i), i * 10);
    assert.deepEqual(owner.answered, Array.from({ length: 20 }, (_, i) => i + 1));
  });

  withPort("calls that are held at once run in order, whatever they carry", async (owner) => {
    const values = [
      ...[1, -0, NaN, "text", { a: [1, { b: null }] }, undefined, null, true, 2n, [3n], "next"],
      ...["x".repeat(20_000), new Date(5), { a: undefined }, 4, new Uint8Array([6, 7]), [], "end"],
    ];
    const { seq, release } = await owner.occupy();
    const seqs = values.map((value) => owner.post("echo", value));
    release();
    await owner.resultOf(seqs.at(-1)!);
    const results = owner.said.flatMap((said) => said.what === "result" ? [said] : []);
    assert.deepEqual(results.map(({ value }) => value), ["released", ...values]);
    assert.ok(Object.is(results[2].value, -0));
    assert.deepEqual(owner.answered, [seq, ...seqs]);
  });

  withPort("room tells how many more calls the worker can hold", async (owner) => {
    const all = owner.port.room;
    const { release } = await owner.occupy();
    assert.equal(owner.port.room, all - 1);
    const seqs = Array.from({ length: all - 1 }, (_, i) => owner.post("echo", { i }));
    assert.equal(owner.port.room, 0);
    release();
    const { value } = await owner.resultOf(seqs.at(-1)!);
    assert.deepEqual(value, { i: all - 2 });
    assert.equal(owner.answered.length, all);
    assert.equal(owner.port.room, all);
  });

  withPort("a call that is taken back is not run, and has no result", async (owner) => {
    const { seq, release } = await owner.occupy();
    const flags = createFlags();
    const started = owner.post("start", flags);
    const values = [1, 2, "a", "b", [1n], [2n], { c: 1 }, { c: 2 }, undefined, undefined];
    const seqs = values.map((value) => owner.post("echo", value));
    assert.equal(owner.port.revoke(started), true);
    assert.equal(owner.port.revoke(started), false, "it is gone");
    for (const [i, seq] of seqs.entries()) if (i % 2 === 0) assert.ok(owner.port.revoke(seq));
    release();
    assert.equal(await owner.run("echo", "last"), "last");
    const left = seqs.filter((_, i) => i % 2 === 1);
    assert.deepEqual(owner.answered, [seq, ...left, seqs.at(-1)! + 1]);
    const echoes = owner.said.flatMap((said) => said.what === "result" ? [said.value] : []);
    assert.deepEqual(echoes, ["released", 2, "b", [2n], { c: 2 }, undefined, "last"]);
    assert.equal(isUp(flags, STARTED), false);
  });

  withPort("a call that runs cannot be taken back, nor one that has ended", async (owner) => {
    const { seq, release } = await owner.occupy();
    assert.equal(owner.port.revoke(seq), false);
    release();
    assert.equal((await owner.resultOf(seq)).value, "released");
    assert.equal(owner.port.revoke(seq), false);
    assert.equal(owner.port.revoke(99), false);
  });

  withPort("poll() tells the results that are there", async (owner) => {
    const { seq, release } = await owner.occupy();
    owner.port.poll();
    assert.equal(owner.answered.length, 0);
    release();
    await until(() => {
      if (owner.port.hasResults) owner.port.poll();
      return owner.answered.length > 0;
    });
    assert.equal(owner.port.hasResults, false);
    assert.deepEqual(owner.answered, [seq]);
    assert.equal(await owner.run("echo", "next"), "next");
  });

  withPort("poll() sends the calls of a turn that goes on", async (owner) => {
    await owner.run("echo", "awake or asleep");
    const flags = createFlags();
    const seq = owner.post("start", flags);
    owner.port.poll();
    const untilMs = performance.now() + PATIENCE_MS;
    while (!isUp(flags, STARTED) && performance.now() < untilMs);
    assert.ok(isUp(flags, STARTED));
    await owner.resultOf(seq);
    assert.equal(await owner.run("echo", "next"), "next");
  });
}
