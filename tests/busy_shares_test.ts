import assert from "node:assert/strict";
import { test } from "node:test";
import { BusyShares } from "../src/busy_shares.ts";
import { WatchedClock } from "./virtual/clock.ts";

function create() {
  const clock = new WatchedClock();
  const known = { ranHereMs: 0, inFlight: 1 };
  const shares = new BusyShares(clock, known);
  const begin = (busyMs = 0) => shares.begin(clock.now(), busyMs);
  const end = (markMs: number) => shares.end(clock.now()) - markMs;
  return { clock, known, shares, begin, end };
}

test("BusyShares counts how late its tick is, while one run is pending", () => {
  const { clock, begin, end } = create();
  clock.occupy(50); // before it
  const run = begin();
  clock.advance(10);
  clock.occupy(20);
  clock.advance(5);
  const busyMs = end(run);
  assert.ok(busyMs > 18 && busyMs <= 20, `${busyMs}`);
  assert.equal(clock.pending, 0, "no timer is left");
});

test("BusyShares counts nothing of a timer that is throttled, as those of a hidden page are", () => {
  const { clock, begin, end } = create();
  Object.assign(clock, { isThrottled: (sinceMs: number) => sinceMs < 1_000 });
  const run = begin();
  clock.occupy(1_000);
  clock.advance(5);
  assert.equal(end(run), 0);
  clock.occupy(1_000);
  const shown = begin();
  clock.occupy(20);
  assert.ok(end(shown) > 18, "it counts again");
});

test("BusyShares counts what a run does right before it ends", () => {
  const { clock, begin, end } = create();
  const run = begin();
  clock.advance(10);
  clock.occupy(20);
  const busyMs = end(run);
  assert.ok(busyMs > 18 && busyMs <= 20, `${busyMs}`);
});

test("BusyShares counts nothing on an idle thread whose timers are a little late", () => {
  const { clock, begin, end } = create();
  const run = begin();
  for (let i = 0; i < 50; i++) {
    clock.advance(1);
    clock.occupy(0.9);
  }
  assert.equal(end(run), 0);
});

test("BusyShares shares among all that are pending", () => {
  const { clock, begin, end } = create();
  const [first, second] = [begin(), begin()];
  clock.advance(4);
  clock.occupy(20);
  clock.advance(4);
  const ofSecond = end(second);
  clock.occupy(10);
  clock.advance(4);
  const ofFirst = end(first);
  assert.ok(ofSecond > 9 && ofSecond <= 10, `${ofSecond}`);
  assert.ok(ofFirst > 18 && ofFirst <= 20, `${ofFirst}`);
});

test("BusyShares leaves out what is known to be something else", () => {
  const { clock, known, begin, end } = create();
  const run = begin();
  clock.advance(4);
  clock.occupy(20);
  known.ranHereMs += 20;
  clock.advance(4);
  clock.occupy(12);
  const other = begin(12); // it has run for 12 ms, which are known right after
  known.ranHereMs += 12;
  clock.advance(4);
  assert.ok(end(run) < 0.001);
  assert.ok(end(other) < 0.001);
});

test("BusyShares ticks less often the longer a run is pending, and within bounds", () => {
  const { clock, begin, end } = create();
  const run = begin();
  const ticksIn = (ms: number) => {
    const before = clock.turns;
    clock.advance(ms);
    return clock.turns - before;
  };
  assert.ok(ticksIn(16) >= 10);
  clock.advance(200);
  const ticks = ticksIn(800);
  assert.ok(ticks >= 99 && ticks <= 101, `${ticks}`);
  assert.equal(end(run), 0);
});

test("BusyShares does not tick for runs that nobody waits for, and starts again for others", () => {
  const { clock, known, begin, end } = create();
  begin();
  known.inFlight = 0;
  clock.advance(10);
  assert.equal(clock.pending, 0);
  clock.advance(10_000);
  known.inFlight = 1;
  const other = begin();
  clock.advance(10);
  assert.equal(end(other), 0, "the time without ticks counts for nothing");
});

test("BusyShares does not count that a busy machine has kept the thread waiting", () => {
  const clock = Object.assign(new WatchedClock(), { spentMs: 0, busyMs: () => clock.spentMs });
  const shares = new BusyShares(clock, { ranHereMs: 0, inFlight: 1 });
  const run = shares.begin(clock.now(), 0);
  clock.advance(4);
  clock.occupy(40); // late, and nobody had worked
  clock.advance(4);
  clock.spentMs += 12;
  clock.occupy(20); // late, and busy for part of it
  clock.advance(4);
  const busyMs = shares.end(clock.now()) - run;
  assert.equal(busyMs, 12);
});
