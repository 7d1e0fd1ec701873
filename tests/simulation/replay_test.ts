import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../mod.ts";
import type { Arrival } from "../../src/simulation/arrival.ts";
import { replay } from "../../src/simulation/replay.ts";

/** A clock that is moved by hand; timers wait until `run()`. */
class HandClock implements Clock {
  nowMs = 1_000;
  readonly timers: { dueMs: number; fire: () => void }[] = [];

  now(): number {
    return this.nowMs;
  }

  setTimer<A>(delayMs: number, fn: (arg: A) => void, arg: A): { cancel(): void } {
    const timer = { dueMs: this.nowMs + delayMs, fire: () => fn(arg) };
    this.timers.push(timer);
    return { cancel: () => this.timers.splice(this.timers.indexOf(timer), 1) };
  }

  post<A>(fn: (arg: A) => void, arg: A): void {
    this.setTimer(0, fn, arg);
  }

  /** Fires timers, each `lateMs` after it was due, until there are none. */
  run(lateMs = 0): void {
    for (let timer = this.timers.shift(); timer !== undefined; timer = this.timers.shift()) {
      this.nowMs = Math.max(this.nowMs, timer.dueMs + lateMs);
      timer.fire();
    }
  }
}

function arrivalsAt(...times: number[]): Arrival[] {
  return times.map((atMs, i) => ({
    atMs,
    kind: "llm_request",
    input: i,
    hints: {},
    nominalMs: 0,
  }));
}

/** Input of each job, when it was offered and how late that was, in ms. */
type Offered = [input: unknown, atMs: number, lateMs: number][];

test("replay() offers each job when it is due, at its speed", async () => {
  const clock = new HandClock();
  const offered: Offered = [];
  const done = replay(
    arrivalsAt(0, 40, 40, 100),
    { clock, speed: 4, signal: undefined },
    ({ input }, lateMs) => offered.push([input, clock.nowMs - 1_000, lateMs]),
  );
  assert.deepEqual(offered, [[0, 0, 0]]);
  clock.run();
  await done;
  assert.deepEqual(offered, [[0, 0, 0], [1, 10, 0], [2, 10, 0], [3, 25, 0]]);
});

test("replay() tells how late a job is, counted from when it was due", async () => {
  const clock = new HandClock();
  const offered: Offered = [];
  const done = replay(
    arrivalsAt(10, 20),
    { clock, speed: 1, signal: undefined },
    ({ input }, lateMs) => offered.push([input, clock.nowMs - 1_000, lateMs]),
  );
  clock.run(7);
  await done;
  assert.deepEqual(offered, [[0, 17, 7], [1, 27, 7]]);
});

test("replay() catches up in several turns of the event loop", async () => {
  const clock = new HandClock();
  let inTurn = 0;
  const turns: number[] = [];
  const done = replay(
    arrivalsAt(...Array<number>(10).fill(0)),
    { clock, speed: 1, signal: undefined },
    () => {
      inTurn++;
      clock.nowMs += 0.5; // what offering it takes
    },
  );
  turns.push(inTurn);
  while (clock.timers.length > 0) {
    inTurn = 0;
    clock.timers.shift()!.fire();
    turns.push(inTurn);
  }
  await done;
  assert.deepEqual(turns, [4, 4, 2]);
});

test("replay() sleeps once for each gap", async () => {
  const clock = new HandClock();
  let sleeps = 0;
  const setTimer = clock.setTimer.bind(clock);
  clock.setTimer = (delayMs, fn, arg) => {
    sleeps++;
    return setTimer(delayMs, fn, arg);
  };
  const done = replay(arrivalsAt(5, 5, 9, 9, 30), { clock, speed: 1, signal: undefined }, () => {});
  clock.run();
  await done;
  assert.equal(sleeps, 3);
});

test("replay() ends when its signal aborts, with no timer left", async () => {
  const clock = new HandClock();
  const controller = new AbortController();
  const offered: unknown[] = [];
  const options = { clock, speed: 1, signal: controller.signal };
  const done = replay(arrivalsAt(0, 10, 20), options, ({ input }) => offered.push(input));
  controller.abort();
  await done;
  assert.deepEqual(offered, [0]);
  assert.equal(clock.timers.length, 0);
  await replay(arrivalsAt(0), options, () => assert.fail("offered after the abort"));
});

test("replay() of nothing is over at once", async () => {
  const clock = new HandClock();
  await replay([], { clock, speed: 1, signal: undefined }, () => assert.fail("offered"));
});
