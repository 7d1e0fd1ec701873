import assert from "node:assert/strict";
import { test } from "node:test";
import { Machine } from "../../src/testing/machine.ts";
import { ScriptedThread, watch } from "./scripted_thread.ts";

/** Runs until nothing is left to happen; gives how many steps that took. */
function exhaust(machine: Machine): number {
  let steps = 0;
  for (; machine.nextAtMs < Infinity; steps++) machine.step();
  return steps;
}

test("a burst ends when its thread has had it, and the next one follows at once", () => {
  const machine = new Machine({ cores: 1 });
  const endsAtMs: number[] = [];
  const needs = [3, 0, 0.5];
  const thread = new ScriptedThread(() => {
    endsAtMs.push(machine.nowMs);
    return needs.shift() ?? NaN;
  });
  machine.runUntil(10);
  machine.wake(thread, 5);
  exhaust(machine);
  assert.deepEqual(endsAtMs, [15, 18, 18, 18.5]);
  assert.equal(machine.busyMs, 8.5);
  assert.ok(!machine.isRunning(thread));
});

test("three endless threads on two cores get two thirds each", () => {
  const machine = new Machine({ cores: 2 });
  const threads = [1, 2, 3].map(() => new ScriptedThread());
  for (const thread of threads) machine.wake(thread, NaN);
  for (const ms of watch(machine, threads, 1_200).values()) {
    assert.ok(Math.abs(ms - 800) <= 4, `${ms} ms`);
  }
  assert.equal(machine.busyMs, 2_400);
});

test("threads keep a core for a slice while others wait", () => {
  for (const sliceMs of [undefined, 10]) {
    const machine = new Machine({ cores: 1, ...(sliceMs === undefined ? {} : { sliceMs }) });
    const threads = [1, 2, 3].map(() => new ScriptedThread());
    for (const thread of threads) machine.wake(thread, NaN);
    const changes: number[] = [];
    const who: number[] = [0];
    watch(machine, threads, 5 * (sliceMs ?? 4), () => {
      const runs = threads.findIndex((thread) => machine.isRunning(thread));
      if (runs === who.at(-1)) return;
      who.push(runs);
      changes.push(machine.nowMs / (sliceMs ?? 4));
    });
    assert.deepEqual(changes, [1, 2, 3, 4, 5]);
    assert.deepEqual(who, [0, 1, 2, 0, 1, 2]);
  }
});

test("a thread alone is not looked at after each slice", () => {
  const machine = new Machine({ cores: 1 });
  machine.wake(new ScriptedThread(), 1_000);
  assert.equal(exhaust(machine), 1);
});

test("a woken thread takes a core at once if it is far behind, else it waits for a slice", () => {
  for (const [wokenAtMs, beginsAtMs] of [[2, 2], [0.5, 4], [100, 100]]) {
    const machine = new Machine({ cores: 1 });
    const endless = new ScriptedThread();
    machine.wake(endless, NaN);
    machine.runUntil(wokenAtMs);
    let endedAtMs = NaN;
    const woken = new ScriptedThread(() => {
      endedAtMs = machine.nowMs;
      return NaN;
    });
    machine.wake(woken, 1);
    assert.equal(machine.isRunning(woken), beginsAtMs === wokenAtMs);
    assert.equal(machine.isRunning(endless), beginsAtMs !== wokenAtMs);
    machine.runUntil(wokenAtMs + 50);
    assert.equal(endedAtMs, beginsAtMs + 1);
    assert.ok(machine.isRunning(endless));
  }
});

test("of the running threads, the one that has had the most gives way", () => {
  const machine = new Machine({ cores: 2 });
  const [late, early, woken] = [1, 2, 3].map(() => new ScriptedThread());
  machine.wake(early, NaN);
  machine.runUntil(2);
  machine.wake(late, NaN);
  machine.runUntil(3);
  machine.wake(woken, NaN);
  assert.deepEqual([late, early, woken].map((thread) => machine.isRunning(thread)), [
    true,
    false,
    true,
  ]);
});

test("credit for sleep is bounded", () => {
  const machine = new Machine({ cores: 1 });
  const [endless, sleeper] = [new ScriptedThread(), new ScriptedThread()];
  machine.wake(endless, NaN);
  machine.runUntil(1_000);
  machine.wake(sleeper, NaN);
  assert.equal(sleeper.hadMs, 1_000 - 3);
  const had = watch(machine, [endless, sleeper], 1_100);
  // It is 3 ms ahead, and in the middle of a slice.
  assert.ok(Math.abs(had.get(sleeper)! - had.get(endless)!) <= 3 + 4, `${[...had.values()]}`);
});

test("a thread that goes to sleep gives its core to the one that waits", () => {
  const machine = new Machine({ cores: 1 });
  const [first, second] = [new ScriptedThread(), new ScriptedThread()];
  machine.wake(first, NaN);
  machine.wake(second, NaN);
  machine.runUntil(1);
  machine.sleep(first);
  assert.ok(machine.isRunning(second) && !machine.isRunning(first));
  assert.equal(machine.busyMs, 1);
});

test("end() ends a thread that runs, waits or sleeps, and leaves nothing over", () => {
  const machine = new Machine({ cores: 1 });
  const never = () => assert.fail("it has been ended");
  const [running, waiting, sleeping, other] = [never, never, never, () => NaN]
    .map((next) => new ScriptedThread(next));
  for (const thread of [running, waiting, other]) machine.wake(thread, 10);
  machine.runUntil(1);
  for (const thread of [sleeping, waiting, running]) machine.end(thread);
  assert.ok(!machine.isRunning(running));
  assert.ok(machine.isRunning(other), "the core goes to the one that is left");
  exhaust(machine);
  assert.equal(machine.busyMs, 1 + 10);
  assert.ok(machine.nowMs >= 11 && machine.nowMs <= 11 + 4);
  for (const thread of [running, waiting, sleeping, other]) machine.end(thread);
  assert.equal(machine.nextAtMs, Infinity);
});

test("a thread that is ended as its work ends leaves its core once", () => {
  const machine = new Machine({ cores: 1 });
  const first: ScriptedThread = new ScriptedThread(() => {
    machine.end(first);
    return NaN;
  });
  const others = [1, 2].map(() => new ScriptedThread());
  machine.wake(first, 1);
  for (const thread of others) machine.wake(thread, NaN);
  machine.runUntil(20);
  assert.equal(others.filter((thread) => machine.isRunning(thread)).length, 1);
});

test("work() passes time while others run, and keeps the core after it", () => {
  const machine = new Machine({ cores: 1 });
  const worker = new ScriptedThread(undefined, true);
  const other = new ScriptedThread();
  machine.wake(worker, NaN);
  machine.work(worker, 2);
  assert.equal(machine.nowMs, 2);
  machine.at(4, () => machine.wake(other, 6), undefined);
  machine.work(worker, 6);
  // The other one has the core from 4 to 8 and from 12 to 14, as it is behind at first.
  assert.equal(machine.nowMs, 12);
  assert.ok(machine.isRunning(worker));
  machine.sleep(worker);
  exhaust(machine);
  assert.equal(machine.busyMs, 14);
  assert.equal(machine.nowMs, 14);
});

test("at() calls back at its time unless cancelled, and runUntil() goes no further", () => {
  const machine = new Machine();
  const told: string[] = [];
  machine.at(5, (name) => told.push(name), "five");
  machine.at(3, (name) => told.push(name), "cancelled").cancel();
  machine.at(9, (name) => told.push(name), "nine");
  assert.equal(machine.nextAtMs, 5);
  machine.runUntil(8);
  assert.deepEqual([told, machine.nowMs, machine.nextAtMs], [["five"], 8, 9]);
  machine.runUntil(2);
  assert.equal(machine.nowMs, 8, "time does not go back");
});

test("some wake-ups find the running threads protected, and wait for the end of a slice", () => {
  for (const heldShare of [0, 0.25, 1]) {
    const machine = new Machine({ cores: 1, heldShare });
    machine.wake(new ScriptedThread(), NaN);
    let atOnce = 0;
    const waits: number[] = [];
    for (let round = 1; round <= 200; round++) {
      const wokenAtMs = 20 * round + 1.37 * round % 4;
      machine.runUntil(wokenAtMs);
      const woken = new ScriptedThread(() => {
        waits.push(machine.nowMs - wokenAtMs - 1);
        return NaN;
      });
      machine.wake(woken, 1);
      if (machine.isRunning(woken)) atOnce++;
      machine.runUntil(wokenAtMs + 10);
    }
    assert.ok(Math.abs(atOnce - 200 * (1 - heldShare)) <= 2, `${atOnce} at once`);
    assert.equal(waits.length, 200);
    const most = Math.max(...waits);
    assert.ok(most < 4 + 1e-6 && (heldShare === 0 || most > 3), `waits of up to ${most} ms`);
  }
});
