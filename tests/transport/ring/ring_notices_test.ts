// When a worker notifies its router of results, and how it waits for calls.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as ring from "../../../src/transport/ring/ring_memory.ts";
import { echo, type Lab, setUp } from "./ring_lab.ts";

function noticesIn({ world }: Lab): number {
  return world.toRouter.filter(({ message }) => "type" in message && message.type === "helix.bell")
    .length;
}

/** Has a worker run calls of one turn; gives how many notices had been sent when each began. */
function noticesAt(
  runsMs: readonly number[],
  end?: () => unknown,
): { at: number[]; after: number } {
  const at: number[] = [];
  const run = (): unknown => {
    at.push(noticesIn(lab));
    lab.world.memory.control[ring.BELL] = 1; // the router wants to hear of the next one, too
    lab.world.lookMs = runsMs[at.length - 1];
    return at.length === runsMs.length ? end?.() : undefined;
  };
  const lab = setUp({ same: { run } });
  lab.world.play(() => {
    runsMs.forEach((_, i) => lab.post(i + 1, "same", 1));
    lab.world.runMicrotask();
    lab.world.deliver("worker");
  });
  return { at, after: noticesIn(lab) };
}

test("before each run the router is notified of the results so far", () => {
  assert.deepEqual(noticesAt([0.03, 0.01, 0.03]).at, [0, 1, 2]);
});

test("a router that does not ask to be notified is not, and else once", () => {
  for (const asks of [0, 1]) {
    const lab = setUp({ first: { ...echo }, second: { ...echo }, third: { ...echo } });
    lab.world.play(() => {
      ["first", "second", "third"].forEach((kind, i) => lab.post(i + 1, kind, i));
      lab.world.runMicrotask();
      lab.world.memory.control[ring.BELL] = asks;
      lab.world.deliver("worker");
    });
    assert.equal(noticesIn(lab), asks);
  }
});

test("results are told before their worker awaits a run, or lets a long turn end", () => {
  const { at, after } = noticesAt([0.01, 0.01, 0.01], () => new Promise(() => {}));
  assert.deepEqual([at, after], [[0, 1, 2], 2]);
  const long = noticesAt(new Array(200).fill(0.015));
  assert.ok(long.at.length < 200, "the turn has ended before the calls");
  assert.equal(long.after, long.at.at(-1)! + 1, "the last results are told");
});

/** What a worker's `SLEEP` has been during some calls, and how many notices it had sent by then. */
function sleepsAfter(...payloads: unknown[]): Map<number, number> {
  const lab = setUp({ echo });
  const { world } = lab;
  const sleeps = new Map<number, number>();
  world.onAtomic = (side) => {
    if (side === "router") sleeps.set(world.memory.control[ring.SLEEP], noticesIn(lab));
  };
  world.play(() => {
    payloads.forEach((payload, i) => lab.post(i + 1, "echo", payload));
    world.runMicrotask();
    while (world.deliver("worker"));
  });
  sleeps.set(world.memory.control[ring.SLEEP], noticesIn(lab));
  return sleeps;
}

test("a worker tells its results before it parks", () => {
  for (const payloads of [[1], [new Map()], [new Map(), 1]]) {
    const sleeps = sleepsAfter(...payloads);
    const isLastByMessage = payloads.at(-1) !== 1;
    assert.equal(sleeps.get(ring.PARKED), isLastByMessage ? 0 : 1);
  }
});

test("a worker whose next payload has come stays awake for its call", () => {
  for (let at = 0; at < 30; at++) {
    let hasRun = false;
    const { world, post } = setUp({ echo: { run: () => hasRun = true } }, 8);
    world.lookMs = 0.001;
    let count = 0;
    world.onAtomic = (side) => {
      if (side === "router" && count++ === at) world.runMicrotask();
    };
    world.play(() => {
      post(1, "echo", new Map());
      world.deliver("worker");
      assert.equal(world.toWorker.length, 0, `needs to be woken at atomic operation ${at}`);
      assert.ok(hasRun);
    });
  }
});

test("a worker that is parked is called once, however many calls there are", () => {
  const { world, ended, post, rest } = setUp({ echo });
  world.play(() => {
    for (let seq = 1; seq <= 3; seq++) {
      post(seq, "echo", seq);
      world.runMicrotask();
    }
    assert.deepEqual(world.toWorker.map(({ message }) => message.type), ["wake"]);
    rest();
  });
  assert.equal(ended.length, 3);
});

test("a worker that has run out sleeps on while results are delivered, but not for long", () => {
  for (const lateMs of [0, 0.3]) {
    const lab = setUp({ echo });
    const { world, ended, post, rest } = lab;
    world.lookMs = 0;
    const wakes = () => world.toWorker.length;
    world.play(() => {
      for (let seq = 1; seq <= 100; seq++) post(seq, "echo", seq);
      while (world.runMicrotask());
      while (world.deliver("worker"));
      assert.equal(world.memory.control[ring.SLEEP], ring.PARKED);
      world.deliver("router");
      assert.ok(ended.length > 0 && ended.length < 100, "in parts");
      post(101, "echo", 101);
      world.nowMs += lateMs;
      world.runMicrotask(); // the next part
      world.runMicrotask(); // what was posted
      assert.equal(world.memory.control[ring.WRITTEN], 101, "it may wake by itself");
      assert.equal(wakes(), lateMs > 0 ? 1 : 0);
      while (world.runMicrotask());
      assert.equal(ended.length, 100);
      assert.equal(wakes(), 1, "once all are delivered");
      rest();
    });
    assert.equal(ended.length, 101);
  }
});

test("the time in which a worker waited for a call is not run time", () => {
  for (const cores of [0, 8]) {
    const { world, ended, post, rest } = setUp({ echo }, cores);
    world.onAtomic = (side) => {
      const { control } = world.memory;
      const isWaiting = world.nowMs > 1_000.1 || control[ring.SLEEP] === ring.PARKED;
      const hasWaited = isWaiting && control[ring.DONE] === 1;
      if (side !== "router" || !hasWaited || world.line.sent.written === 2) return;
      world.nowMs += 5;
      post(2, "echo", 2);
      world.runMicrotask();
    };
    world.play(() => {
      post(1, "echo", 1);
      world.runMicrotask();
      while (world.deliver("worker"));
      assert.equal(world.memory.control[ring.DONE], 2, "in the same turn");
      rest();
    });
    assert.deepEqual(ended.map(({ runMs }) => Math.round(runMs)), [0, 0]);
  }
});
