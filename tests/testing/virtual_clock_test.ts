import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { VirtualClock } from "../../src/testing/mod.ts";
import { machineOf } from "../../src/testing/virtual_clock.ts";
import { runs } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import { ScriptedThread } from "./scripted_thread.ts";

/** A clock, and what it has called: names with times. */
function noted(options?: ConstructorParameters<typeof VirtualClock>[0]) {
  const clock = new VirtualClock(options);
  const told: (readonly [string, number])[] = [];
  const note = (name: string) => void told.push([name, clock.now()]);
  return { clock, told, note };
}

test("callbacks come in order of time, then of posting, each at its time", guarded, () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 60 }), (delays) => {
      const { clock, told, note } = noted();
      delays.forEach((ms, i) => clock.setTimer(ms, note, `${i}`));
      clock.run();
      const wanted = delays.map((ms, i) => [`${i}`, ms] as const).sort((a, b) => a[1] - b[1]);
      assert.deepEqual(told, wanted);
      assert.equal(clock.turns, delays.length);
    }),
    runs(100),
  );
});

test("a timer takes 1 ms at least; at() takes any time, and one that has passed means now", () => {
  const { clock, told, note } = noted();
  clock.advance(10);
  clock.setTimer(0, note, "timer");
  clock.setTimer(1.5, note, "longer");
  clock.at(10.25, note, "at");
  clock.at(3, note, "passed");
  clock.run();
  assert.deepEqual(told, [["passed", 10], ["at", 10.25], ["timer", 11], ["longer", 11.5]]);
});

test("what falls due while the thread is occupied is late, and in order", () => {
  const { clock, told, note } = noted();
  clock.setTimer(8, note, "third");
  clock.setTimer(5, () => {
    note("first");
    clock.occupy(10);
    note("occupied");
    clock.occupy(0);
    clock.occupy(-5);
  }, undefined);
  clock.setTimer(7, note, "second");
  clock.setTimer(20, note, "on time");
  clock.run();
  assert.deepEqual(told, [
    ...[["first", 5], ["occupied", 15], ["second", 15]],
    ...[["third", 15], ["on time", 20]],
  ]);
});

test("post() calls in a turn of its own, after what is due already", () => {
  const { clock, told, note } = noted();
  clock.setTimer(5, () => {
    clock.setTimer(1, note, "timer");
    clock.post(note, "posted");
    clock.post(() => clock.post(note, "posted by it"), undefined);
    clock.occupy(3);
    clock.post(note, "last");
    note("end of the callback");
  }, undefined);
  clock.setTimer(5, note, "due at the same time");
  clock.run();
  assert.deepEqual(told.map(([name]) => name), [
    ...["end of the callback", "due at the same time", "posted"],
    ...["timer", "last", "posted by it"],
  ]);
  assert.equal(told.at(-1)![1], 8);
});

test("step() calls one callback, unless it is later than it should go", () => {
  const { clock, told, note } = noted();
  clock.setTimer(5, note, "a");
  clock.setTimer(5, note, "b");
  assert.equal(clock.step(4), false);
  assert.deepEqual(told, []);
  assert.equal(clock.step(5), true);
  assert.deepEqual([told, clock.turns], [[["a", 5]], 1]);
  assert.equal(clock.step(), true);
  assert.equal(clock.step(), false);
});

test("runUntil() and advance() go as far as they say, and through what falls due meanwhile", () => {
  const { clock, told, note } = noted();
  clock.setTimer(4, () => clock.occupy(10), undefined);
  clock.setTimer(9, note, "late");
  clock.setTimer(15, note, "later");
  clock.runUntil(5);
  assert.deepEqual([told, clock.now()], [[["late", 14]], 14]);
  clock.runUntil(3);
  assert.equal(clock.now(), 14);
  clock.advance(1);
  assert.deepEqual([told.at(-1), clock.now()], [["later", 15], 15]);
  clock.advance(100);
  assert.equal(clock.now(), 115);
});

test("run() gives up when more is due than it should call, not before", () => {
  const { clock } = noted();
  for (let i = 0; i < 3; i++) clock.setTimer(1, () => {}, undefined);
  clock.run(3);
  assert.equal(clock.turns, 3);
  const again = (): void => void clock.setTimer(10, again, undefined);
  again();
  assert.throws(() => clock.run(5), {
    name: "RangeError",
    message:
      "Cannot run to the end: after 5 callbacks, at 51 ms, more are due. runUntil() and advance() stop at a time",
  });
  assert.equal(clock.turns, 3 + 5);
});

test("a cancelled timer does not fire, whoever cancels it and whenever", () => {
  const { clock, told, note } = noted();
  const timer = clock.setTimer(5, note, "cancelled at once");
  timer.cancel();
  timer.cancel();
  const victim = clock.setTimer(5, note, "cancelled by its neighbour");
  const earlier = clock.setTimer(3, () => victim.cancel(), undefined);
  const fired = clock.setTimer(4, note, "fired");
  clock.run();
  assert.deepEqual(told, [["fired", 4]]);
  assert.equal(clock.now(), 4, "a cancelled timer passes no time");
  for (const timer of [earlier, fired]) timer.cancel();
});

test("each turn costs what the options say", () => {
  const { clock, told, note } = noted({ turnMs: 2 });
  for (const name of ["a", "b"]) clock.post(note, name);
  clock.setTimer(10, note, "c");
  clock.run();
  assert.deepEqual(told, [["a", 2], ["b", 4], ["c", 12]]);
  assert.equal(machineOf(clock).busyMs, 6);
});

test("the thread of the event loop waits for a core like any other", () => {
  const { clock, told, note } = noted({ cores: 1 });
  const machine = machineOf(clock);
  const endless = new ScriptedThread();
  machine.at(9.5, () => machine.wake(endless, NaN), undefined);
  clock.setTimer(10, note, "after a slice"); // it is behind by half a ms only
  clock.at(12, note, "in the same turn of the thread");
  clock.runUntil(13);
  assert.deepEqual(told, [["after a slice", 13.5], ["in the same turn of the thread", 13.5]]);
  assert.ok(!clock.isAwake && machine.isRunning(endless));
  clock.setTimer(20, () => {
    note("at once"); // far behind by now
    assert.ok(clock.isAwake && !machine.isRunning(endless));
    clock.occupy(40);
    note("with half of a core");
  }, undefined);
  clock.runUntil(40);
  assert.deepEqual(told[2], ["at once", 33.5]);
  assert.ok(Math.abs(told[3][1] - (33.5 + 80)) <= 8, `${told[3][1]}`);
});

test("time can be spent outside of callbacks, too, while others run", () => {
  const { clock, told, note } = noted({ cores: 1 });
  clock.occupy(5);
  assert.equal(clock.now(), 5);
  clock.run();
  clock.setTimer(10, note, "due at 15");
  clock.advance(2); // asleep
  const machine = machineOf(clock);
  machine.wake(new ScriptedThread(), 3);
  clock.occupy(4);
  assert.equal(clock.now(), 7 + 3 + 4);
  clock.run();
  assert.deepEqual(told, [["due at 15", 15]]);
  assert.equal(machine.busyMs, 5 + 3 + 4);
});

test("a loop that sleeps hears late of what is due, one that is awake does not", () => {
  const clock = new VirtualClock({ wakeMs: 0.5 });
  const heard: number[] = [];
  const hear = (): void => void heard.push(clock.now());
  clock.at(10, hear, undefined);
  clock.at(10.2, () => clock.occupy(2), undefined);
  clock.at(11, hear, undefined); // late, as the loop is busy
  clock.at(20, hear, undefined);
  clock.run();
  assert.deepEqual(heard, [10.5, 12.5, 20.5]);
});

test("run() returns though threads never end, whether or not they share a core", () => {
  for (const cores of [1, 2]) {
    for (const needMs of [Infinity, NaN]) {
      const { clock, told, note } = noted({ cores });
      const machine = machineOf(clock);
      const endless = [new ScriptedThread(), new ScriptedThread()];
      const ends = new ScriptedThread(() => {
        clock.at(machine.nowMs, note, "an end among them");
        return NaN;
      });
      for (const thread of endless) machine.wake(thread, needMs);
      machine.wake(ends, 20);
      machine.at(500, () => clock.post(note, "an event of the machine"), undefined);
      clock.run();
      assert.deepEqual(told.map(([name]) => name), [
        "an end among them",
        "an event of the machine",
      ]);
      assert.ok(told[0][1] > 20 && told[1][1] >= 500);
      const ranMs = machine.busyMs;
      clock.advance(1_000);
      assert.ok(Math.abs(machine.busyMs - ranMs - cores * 1_000) < 1e-6, "they go on");
    }
  }
});
