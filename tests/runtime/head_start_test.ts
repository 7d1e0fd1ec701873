import assert from "node:assert/strict";
import { test } from "node:test";
import { giveHeadStart } from "../../src/runtime/head_start.ts";
import type { Thread, ThreadEvents } from "../../src/transport/thread.ts";

/** Starts threads that note who hears of them, and what they are told. */
function createThreads() {
  const heard: ThreadEvents[] = [];
  const ended: number[] = [];
  const start = (events: ThreadEvents): Thread => {
    const number = heard.push(events);
    return {
      exitsAfterError: true,
      ending: "told",
      post() {},
      terminate: () => void ended.push(number),
      ref() {},
      unref() {},
      holds() {},
      release() {},
    };
  };
  return { heard, ended, start };
}

/** One that notes what it hears. */
function createOwner() {
  const told: string[] = [];
  const events: ThreadEvents = {
    message: (data) => void told.push(`message ${data}`),
    garbled: () => void told.push("garbled"),
    error: (error) => void told.push(`error ${error}`),
    exit: (code) => void told.push(`exit ${code}`),
  };
  return { told, events };
}

test("what a worker with a head start tells is told to its owner, in order, once that has it", async () => {
  const threads = createThreads();
  const { next, drop } = giveHeadStart(threads.start);
  const [first] = threads.heard;
  first.message("hello");
  first.garbled();
  first.error("bad");
  const { told, events } = createOwner();
  const thread = next(events);
  assert.deepEqual(told, [], "not before the owner has the thread");
  first.exit(1);
  await Promise.resolve();
  assert.deepEqual(told, ["message hello", "garbled", "error bad", "exit 1"]);
  first.message("late");
  assert.equal(told.at(-1), "message late");
  drop();
  assert.deepEqual(threads.ended, [], "it is its owner's");
  thread.terminate();
  assert.deepEqual(threads.ended, [1]);
});

test("only the first worker has a head start", () => {
  const threads = createThreads();
  const { next } = giveHeadStart(threads.start);
  next(createOwner().events);
  assert.equal(threads.heard.length, 1);
  const { events, told } = createOwner();
  next(events);
  threads.heard[1].message("own");
  assert.deepEqual([threads.heard.length, told], [2, ["message own"]]);
});

test("a worker with a head start that nobody takes is ended", () => {
  const threads = createThreads();
  giveHeadStart(threads.start).drop();
  assert.deepEqual(threads.ended, [1]);
});

test("a worker that cannot be started ahead is started when it is asked for, and fails then", () => {
  let tries = 0;
  const { next, drop } = giveHeadStart(() => {
    throw new Error(`try ${++tries}`);
  });
  drop();
  assert.throws(() => next(createOwner().events), /try 2/);
});
