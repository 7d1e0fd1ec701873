// What the desk of a worker tells of calls by messages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { AnyKind } from "../../src/define/jobs.ts";
import type { Channel } from "../../src/transport/channel.ts";
import { decodeError } from "../../src/transport/decode_error.ts";
import { Desk } from "../../src/transport/desk.ts";
import { encodeError } from "../../src/transport/encode_error.ts";
import { MessageMailbox } from "../../src/transport/messages/message_mailbox.ts";
import {
  type FromWorker,
  type PlainResult,
  type Result,
  resultsIn,
} from "../../src/transport/protocol.ts";
import { Run } from "../../src/transport/run.ts";

/** A desk that serves these kinds, on a runtime that does not measure how long its thread is busy. */
function openDesk(kinds: Readonly<Record<string, AnyKind>>) {
  const results: Result[] = [];
  const channel: Channel = {
    post(message: FromWorker | PlainResult) {
      results.push(...resultsIn(structuredClone(message))?.results ?? []);
    },
    listen() {},
    nextTurn: (fn, arg) => void setTimeout(fn, 0, arg),
    busyMs: undefined,
    heapBytes: () => undefined,
    close() {},
  };
  const init = { key: 1, tellsHeap: false, states: undefined };
  const mailbox = new MessageMailbox(new Map(Object.entries(kinds)), channel, init);
  const desk = new Desk(mailbox, undefined, channel, new Run(channel, undefined, init));
  const send = async (kind: string, thrown?: unknown) => {
    const count = results.length;
    const error = thrown === undefined ? undefined : encodeError(thrown);
    const call = { seq: 1, kind, isBatch: false, payload: 0, traces: undefined, error };
    desk.hear({ type: "call", ...call });
    while (results.length === count) await delay(1);
    return results[count];
  };
  return { desk, send };
}

/** Mostly waits, and then keeps its thread busy. */
async function waitAndBlock(): Promise<void> {
  await delay(5);
  const endMs = performance.now() + 20;
  while (performance.now() < endMs);
}

test("a call whose payload could not be sent fails with the error that it brought", async () => {
  const { send } = openDesk({ one: { run: () => 1 } });
  const { error, runMs, busyMs } = await send("one", new RangeError("too far"));
  assert.equal(String(decodeError(error!)), "RangeError: too far");
  assert.deepEqual({ runMs, busyMs }, { runMs: 0, busyMs: NaN }); // it has not run
});

test("a call that does not run changes no times of those that wait, before it and after", async () => {
  const { desk, send } = openDesk({ wait: { run: waitAndBlock } });
  for (let i = 0; i < 3; i++) {
    const { runMs, busyMs } = await send("wait");
    assert.ok(busyMs >= 0 && busyMs <= runMs, `${busyMs} ms of ${runMs} ms`);
    await send("wait", new Error("not cloned"));
  }
  desk.garbled(); // so does one that could not be read
  await send("wait");
});
