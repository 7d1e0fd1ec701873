// Modelled workers by what `src/transport/port.ts` says of ports, in virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { modelWorkers } from "../../src/testing/mod.ts";
import { machineOf } from "../../src/testing/virtual_clock.ts";
import { runs } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import { ModelOwner } from "./model_owner.ts";

test("a worker is ready once it has started, and has no room before", () => {
  const owner = new ModelOwner({ startMs: 40, wakeMs: 2 });
  assert.equal(owner.port.room, 0);
  owner.clock.run();
  assert.deepEqual(owner.said, [{ what: "ready", atMs: 42 }]);
  assert.equal(owner.port.room, 256);
  assert.ok(Number.isNaN(owner.port.heapBytes));
});

test("calls run one at a time, in order, and their results tell how", () => {
  const owner = ModelOwner.ready();
  owner.post({ busyMs: 3, value: "a" });
  owner.post({ busyMs: 2, end: "throw", value: "b" });
  owner.clock.run();
  assert.deepEqual(owner.said.slice(1), [
    { what: "result", atMs: 43, seq: 1, ok: true, value: "a", runMs: 3, busyMs: 3 },
    { what: "result", atMs: 45, seq: 2, ok: false, value: "b", runMs: 2, busyMs: 2 },
  ]);
  assert.deepEqual(owner.ended, [1, 2]);
  assert.deepEqual(owner.begunAtMs.slice(1), [40, 43]);
});

test("a worker that sleeps wakes late, one that is awake does not; nor does a loop", () => {
  const owner = ModelOwner.ready({ wakeMs: 0.5 });
  const startMs = owner.clock.now();
  owner.post();
  owner.post();
  owner.clock.run();
  assert.deepEqual(owner.begunAtMs.slice(1).map((ms) => ms - startMs), [0.5, 1.5]);
  // The loop was asleep at the first end, and was told of the second before it heard of the first.
  assert.deepEqual(owner.said.slice(1).map(({ atMs }) => atMs - startMs), [2, 3]);
  owner.post();
  owner.clock.occupy(4); // the loop is awake when the call ends
  owner.clock.run();
  assert.equal(owner.said.at(-1)!.atMs, startMs + 3 + 4);
});

test("sending and reading take time on the router's thread, in which workers go on", () => {
  const owner = ModelOwner.ready({ dispatchMs: 0.25, resultMs: 0.5 });
  const startMs = owner.clock.now();
  owner.post({ busyMs: 1 });
  owner.post({ busyMs: 0.25 });
  owner.post({ busyMs: 0.25 });
  owner.clock.run();
  assert.deepEqual(owner.begunAtMs.slice(1).map((ms) => ms - startMs), [0.25, 1.25, 1.5]);
  // The third ends while the second is read, and is read in the same turn.
  assert.deepEqual(owner.said.slice(1).map(({ atMs }) => atMs - startMs), [1.75, 2.25, 2.75]);
});

test("room tells how many more calls the worker can hold", () => {
  const owner = ModelOwner.ready({ depth: 3 });
  const rooms = [owner.port.room];
  for (let i = 0; i < 3; i++) {
    owner.post();
    rooms.push(owner.port.room);
  }
  assert.deepEqual(rooms, [3, 2, 1, 0]);
  owner.port.revoke(2);
  assert.equal(owner.port.room, 1);
  owner.clock.run();
  assert.equal(owner.port.room, 3);
});

test("a call that has not begun can be revoked, and no other", () => {
  const owner = ModelOwner.ready({ wakeMs: 1 });
  const { clock, port } = owner;
  const [first, second, third] = [owner.post(), owner.post(), owner.post()];
  assert.ok(!port.isRunning);
  assert.equal(port.revoke(first), true, "its worker still sleeps");
  assert.equal(port.revoke(first), false);
  clock.advance(1.5);
  assert.ok(port.isRunning);
  assert.equal(port.revoke(second), false, "it runs");
  assert.equal(port.revoke(third), true);
  assert.equal(port.revoke(99), false);
  clock.run();
  assert.equal(port.revoke(second), false, "it has ended");
  assert.deepEqual([owner.answered, owner.ended], [[second], [second]]);
  const fourth = owner.post();
  assert.equal(port.revoke(fourth), true);
  clock.run();
  const fifth = owner.post();
  clock.run();
  assert.deepEqual(owner.answered, [second, fifth], "it wakes again though it found nothing");
});

test("poll() tells what is there, which is then told once", () => {
  const owner = ModelOwner.ready();
  const { clock, port } = owner;
  owner.post();
  owner.post();
  owner.post({ busyMs: 10 });
  port.poll();
  assert.deepEqual(owner.answered, []);
  clock.setTimer(1, () => {
    clock.occupy(1.5);
    assert.ok(port.hasResults);
    port.poll();
    assert.ok(!port.hasResults);
    assert.deepEqual(owner.answered, [1, 2]);
  }, undefined);
  clock.run();
  assert.deepEqual(owner.answered, [1, 2, 3]);
});

test("a single result is there as soon as its call has ended", () => {
  const owner = ModelOwner.ready();
  owner.post();
  owner.clock.occupy(0.5);
  assert.ok(!owner.port.hasResults);
  owner.clock.occupy(0.5);
  assert.ok(owner.port.hasResults);
});

test("results that came together are told in one turn", () => {
  const owner = ModelOwner.ready();
  const { clock } = owner;
  for (let i = 0; i < 5; i++) owner.post();
  const before = clock.turns;
  clock.occupy(10);
  clock.run();
  assert.deepEqual(owner.answered, [1, 2, 3, 4, 5]);
  assert.equal(clock.turns - before, 1);
});

test("a result may be answered by a poll, a call or a revoke at once", () => {
  const owner = ModelOwner.ready({ resultMs: 0.25 });
  const { clock, port } = owner;
  for (let i = 0; i < 4; i++) owner.post();
  owner.onResult = (seq) => {
    if (seq === 1) port.poll();
    if (seq === 2) assert.equal(port.revoke(3), false, "it has ended, though it is not told");
    if (seq === 3) owner.post();
  };
  clock.occupy(3.5);
  clock.run();
  assert.deepEqual(owner.answered, [1, 2, 3, 4, 5]);
  assert.equal(port.room, 256);
});

test("an asynchronous run holds its worker while it waits, but no core", () => {
  const owner = ModelOwner.ready({}, { cores: 1 });
  const { clock } = owner;
  const startMs = clock.now();
  owner.post({ busyMs: 2, waitMs: 10, afterMs: 3 });
  owner.post({ busyMs: 1, waitMs: 4, afterMs: 1 });
  clock.runUntil(startMs + 5);
  assert.ok(owner.port.isRunning);
  clock.occupy(2); // takes nothing from it
  clock.run();
  const [, first, second] = owner.said;
  assert.deepEqual([first.atMs - startMs, first.runMs, first.busyMs], [15, 15, 5]);
  assert.deepEqual([second.atMs - startMs, second.runMs, second.busyMs], [21, 6, 2]);
  assert.equal(machineOf(clock).busyMs, 40 + 2 + 2 + 3 + 2);
});

test("a busy time includes what its thread waited for a core", () => {
  const owner = ModelOwner.ready({}, { cores: 1 });
  const { clock } = owner;
  owner.post({ busyMs: 10 });
  clock.occupy(10);
  clock.run();
  const { runMs, busyMs } = owner.said[1];
  assert.ok(runMs! > 15 && runMs! <= 20, `${runMs}`);
  assert.equal(busyMs, runMs);
});

test("a worker started in a callback does not take the core from under it", () => {
  const owner = new ModelOwner({}, { cores: 1 });
  const { clock } = owner;
  const ignore = () => {};
  const deaf = { ready: ignore, result: ignore, progress: ignore, died: ignore, returned: ignore };
  clock.setTimer(100, () => {
    clock.occupy(10);
    modelWorkers(clock, { run: () => assert.fail("it is sent nothing") })().start(deaf);
    assert.ok(clock.isAwake);
  }, undefined);
  clock.runUntil(200);
  assert.equal(machineOf(clock).busyMs, 40 + 10 + 40);
});

const drawn = fc.record({
  busyMs: fc.integer({ min: 0, max: 40 }).map((tenths) => tenths / 10),
  waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 50 }).map((tenths) => tenths / 10)),
  afterMs: fc.integer({ min: 0, max: 20 }).map((tenths) => tenths / 10),
  end: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom("ok" as const, "throw" as const) },
    { weight: 1, arbitrary: fc.constant("crash" as const) },
  ),
});
const acts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ work: drawn }) },
    { weight: 3, arbitrary: fc.record({ passMs: fc.integer({ min: 0, max: 80 }) }) },
    { weight: 1, arbitrary: fc.record({ occupyMs: fc.integer({ min: 0, max: 80 }) }) },
    { weight: 1, arbitrary: fc.record({ revoke: fc.nat() }) },
    { weight: 1, arbitrary: fc.constant({ poll: true }) },
  ),
  { maxLength: 60, size: "max" },
);

test("whatever is sent is told once, revoked or lost with its worker", guarded, () => {
  fc.assert(
    fc.property(acts, fc.constantFrom(1, 2), fc.boolean(), (plan, cores, costs) => {
      const model = costs ? { dispatchMs: 0.1, resultMs: 0.1, wakeMs: 0.3 } : {};
      const owner = ModelOwner.ready({ depth: 5, ...model }, { cores });
      const { clock, port } = owner;
      const sent: number[] = [];
      const revoked: number[] = [];
      let crashing = 0;
      for (const act of plan) {
        if ("work" in act) {
          if (port.room === 0) continue;
          sent.push(owner.post(act.work));
          if (act.work.end === "crash") crashing ||= sent.at(-1)!;
        } else if ("passMs" in act) clock.advance(act.passMs / 10);
        else if ("occupyMs" in act) clock.occupy(act.occupyMs / 10);
        else if ("poll" in act) {
          if (!owner.words.includes("died")) port.poll();
        } else if (sent.length > 0) {
          const seq = sent[act.revoke % sent.length];
          const begun = owner.begunAtMs[seq] !== undefined;
          const isHeld = !begun && !revoked.includes(seq) && !owner.words.includes("died");
          assert.equal(port.revoke(seq), isHeld);
          if (isHeld) revoked.push(seq);
          if (isHeld && seq === crashing) crashing = 0;
        }
      }
      clock.run();
      const dead = owner.said.at(-1)!.death?.seq;
      const runs = sent.filter((seq) => !revoked.includes(seq));
      const told = dead === undefined ? runs : runs.slice(0, runs.indexOf(dead));
      assert.deepEqual(owner.answered, told);
      assert.deepEqual(owner.ended, dead === undefined ? told : [...told, dead]);
      assert.ok(!port.hasResults);
      assert.equal(port.room, dead === undefined ? 5 : 0);
      for (const { seq, runMs, busyMs } of owner.said) {
        if (seq !== undefined) assert.ok(runMs! >= busyMs! - 1e-9 && busyMs! >= 0);
      }
    }),
    runs(300),
  );
});
