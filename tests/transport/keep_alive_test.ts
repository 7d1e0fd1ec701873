// A worker keeps the process alive while it has calls, and not when it idles.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PROTOCOL_VERSION } from "../../src/define/jobs.ts";
import { runtimeDefaults } from "../../src/runtime/host.ts";
import { KeepAlive } from "../../src/transport/keep_alive.ts";
import type { PortOwner } from "../../src/transport/port.ts";
import type { Thread, ThreadEvents } from "../../src/transport/thread.ts";
import { ThreadPort } from "../../src/transport/thread_port.ts";
import { finish } from "../../src/transport/call_states.ts";
import type { InitMessage } from "../../src/transport/protocol.ts";
import * as ring from "../../src/transport/ring/ring_memory.ts";
import { ValueWriter } from "../../src/transport/ring/value_ring.ts";

/** Longer than a thread is held after its last call. */
const LONG_MS = 40;

class CountingThread implements Thread {
  readonly exitsAfterError = true;
  readonly ending = "told";
  readonly posted: { readonly type: string }[] = [];
  isHeld = true;
  changes = 0;

  post(message: unknown): void {
    this.posted.push(message as { type: string });
  }

  terminate(): void {}

  holds(): void {}

  release(): void {}

  ref(): void {
    this.isHeld = true;
    this.changes++;
  }

  unref(): void {
    this.isHeld = false;
    this.changes++;
  }
}

const owner: PortOwner = { ready() {}, result() {}, progress() {}, died() {}, returned() {} };

const { clock } = runtimeDefaults();

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A port that is ready, and what its worker was sent at first. */
function openPort(awake: Int32Array | undefined) {
  const thread = new CountingThread();
  let events!: ThreadEvents;
  const port = new ThreadPort({
    start: (its) => (events = its, thread),
    modules: [],
    kinds: ["one"],
    canShare: true,
    awake,
    cores: 0,
    nextTurn: (fn, arg) => void setTimeout(fn, 0, arg),
    realNow: () => performance.now(),
    soon: queueMicrotask,
    clock,
    tellsHeap: false,
    teardownMs: 50,
  });
  port.start(owner);
  events.message({ type: "helix.hello" });
  const init = thread.posted[0] as InitMessage;
  events.message({
    type: "helix.ready",
    key: init.key,
    protocol: PROTOCOL_VERSION,
    kinds: ["one"],
    hasTeardown: false,
  });
  const post = (seq: number) => port.post({ seq, kind: "one", isBatch: false, payload: seq }, []);
  return { thread, events, port, init, post };
}

test("KeepAlive lets go a little later, unless there is another call by then", async () => {
  const thread = new CountingThread();
  const keepAlive = new KeepAlive(thread, clock);
  keepAlive.release();
  assert.ok(thread.isHeld);
  keepAlive.hold();
  await pass(LONG_MS);
  assert.ok(thread.isHeld);
  keepAlive.release();
  await pass(LONG_MS);
  assert.ok(!thread.isHeld);
  keepAlive.hold();
  assert.ok(thread.isHeld, "at once");
});

test("KeepAlive does not trouble the thread for each of many calls", () => {
  const thread = new CountingThread();
  const keepAlive = new KeepAlive(thread, clock);
  for (let i = 0; i < 1_000; i++) {
    keepAlive.hold();
    keepAlive.release();
  }
  assert.equal(thread.changes, 0);
});

test("KeepAlive lets go once of a worker that is dead", () => {
  for (const isHeld of [true, false]) {
    const thread = new CountingThread();
    const keepAlive = new KeepAlive(thread, clock);
    keepAlive.release();
    if (!isHeld) keepAlive.letGo();
    keepAlive.close();
    assert.deepEqual([thread.isHeld, thread.changes], [false, 1]);
  }
});

for (const transport of ["shared_memory", "messages"] as const) {
  const open = () =>
    openPort(transport === "messages" ? undefined : new Int32Array(new SharedArrayBuffer(4)));

  test(`ThreadPort lets go when the last result has come (${transport})`, async () => {
    const { thread, events, init, post } = open();
    await pass(LONG_MS);
    assert.ok(!thread.isHeld, "nothing has been asked of it");
    post(1);
    await pass(LONG_MS);
    assert.ok(thread.isHeld);
    answer(events, init, [1]);
    await pass(LONG_MS);
    assert.ok(!thread.isHeld);
  });

  test(`ThreadPort lets go when the last call was taken back (${transport})`, async () => {
    const { thread, events, port, init, post } = open();
    post(1);
    post(2);
    await pass(0);
    assert.ok(port.revoke(2));
    answer(events, init, [1, undefined]);
    await pass(LONG_MS);
    assert.ok(!thread.isHeld);
  });
}

/** What a worker does whose first calls give these outputs; `undefined` is for one that it skips. */
function answer(
  events: ThreadEvents,
  { ring: memory, states, key }: InitMessage,
  outputs: readonly (number | undefined)[],
): void {
  if (memory === undefined) {
    outputs.forEach((value, place) => value === undefined || finish(states!, place));
    const results = outputs.map((value) =>
      value === undefined
        ? { runMs: 0, busyMs: 0, isSkipped: true }
        : { runMs: 1, busyMs: 1, value }
    );
    return events.message({ type: "helix.results", key, call: 0, results });
  }
  const writer = new ValueWriter(memory.outputs);
  outputs.forEach((value, place) => {
    memory.forms[place] = value === undefined ? ring.SKIPPED : ring.VALUE;
    if (value !== undefined) writer.add(value);
  });
  memory.control[ring.DONE] = outputs.length;
  events.message({ type: "helix.bell" });
}
