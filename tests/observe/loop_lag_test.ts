import assert from "node:assert/strict";
import { test } from "node:test";
import { RunTimeModel } from "../../src/model/model.ts";
import { LoadGauges } from "../../src/policy/load.ts";
import { LoopLag } from "../../src/observe/loop_lag.ts";
import { WatchedClock } from "../virtual/clock.ts";
import { createWorld, offer } from "../virtual/world.ts";

function measure(inFlight: number) {
  const clock = new WatchedClock();
  const load = new LoadGauges(new RunTimeModel(0), 1, { free: 1 }, new Int32Array(0));
  load.inFlight = inFlight;
  const lag = new LoopLag(clock, load);
  lag.start();
  return { clock, load, lag };
}

test("LoopLag measures nothing on a loop that is never late", () => {
  const { clock, load, lag } = measure(1);
  clock.advance(1_000);
  assert.equal(lag.histogram.count, 100);
  assert.equal(lag.histogram.summary().max, 0);
  assert.equal(load.loopLagMs, 0);
});

test("LoopLag counts a stall for each tick it has swallowed", () => {
  const { clock, lag } = measure(1);
  clock.setTimer(5, () => clock.occupy(100), undefined);
  clock.runUntil(105);
  // Due at 10, seen at 105: 95 late, and the ticks of 20, 30 … 100 were late, too.
  const { count, max, sum } = lag.histogram.summary();
  assert.deepEqual([count, max, sum], [10, 95, 95 + 85 + 75 + 65 + 55 + 45 + 35 + 25 + 15 + 5]);
});

test("LoopLag measures nothing while timers are throttled, as those of a hidden page are", () => {
  const { clock, load, lag } = measure(1);
  let hiddenUntilMs = 2_000;
  Object.assign(clock, { isThrottled: (sinceMs: number) => sinceMs < hiddenUntilMs });
  clock.occupy(1_013); // a timer that is late
  clock.advance(500);
  assert.deepEqual([lag.histogram.count, load.loopLagMs, load.loopLagMeanMs], [0, 0, 0]);
  assert.equal(load.loopUtilization, 0);
  hiddenUntilMs = 0;
  clock.occupy(50);
  clock.advance(10);
  assert.ok(lag.histogram.count > 0);
  assert.ok(load.loopLagMs > 30, "it measures again");
});

test("LoopLag smooths: at once up, slowly down", () => {
  const { clock, load } = measure(1);
  clock.setTimer(9, () => clock.occupy(51), undefined);
  clock.runUntil(60);
  assert.equal(load.loopLagMs, 50);
  clock.runUntil(70);
  assert.equal(load.loopLagMs, 40);
  clock.runUntil(80);
  assert.equal(load.loopLagMs, 32);
});

test("LoopLag runs only while jobs are in flight, and never keeps a process alive", () => {
  const { clock, load, lag } = measure(1);
  lag.start();
  assert.equal(clock.pending, 1, "one timer however often it is started");
  assert.equal(clock.holding, 0);
  clock.advance(25);
  load.inFlight = 0;
  load.loopLagMs = 7;
  clock.run();
  assert.equal(clock.now(), 30);
  assert.equal(load.loopLagMs, 0);
  lag.start();
  assert.equal(clock.pending, 1, "it starts again");
});

test("LoopLag ends at once when it is closed", () => {
  const { clock, lag } = measure(1);
  lag.close();
  assert.equal(clock.pending, 0);
  lag.close();
});

test("LoopLag is in the router's stats and load", async () => {
  const world = await createWorld();
  offer(world, "shared", { ms: 200 }, { computeCost: 1e6 });
  offer(world, "local", { ms: 90 }, { computeCost: 10_000 });
  world.clock.run();
  const { eventLoopLagMs, load } = world.router.stats();
  assert.equal(eventLoopLagMs.max, 80);
  assert.ok(eventLoopLagMs.count >= 20);
  assert.equal(load.loopLagMs, 0);
});

test("LoopLag records what has blocked the loop as it ends, and not again in the next tick", () => {
  const { clock, lag, load } = measure(1);
  clock.setTimer(5, () => {
    clock.occupy(35);
    lag.blocked(35);
  }, undefined);
  clock.runUntil(45);
  assert.deepEqual([lag.histogram.count, lag.histogram.summary().max, load.loopLagMs], [4, 35, 35]);
  lag.blocked(10);
  assert.equal(lag.histogram.count, 4, "no longer than a tick");
});
