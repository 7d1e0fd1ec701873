// Which share of the last second a thread was busy.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, defineJobs, runtimeInfo } from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { guarded, until } from "../fixtures/until.ts";
import { WatchedClock } from "../virtual/clock.ts";
import { createWorld, offer } from "../virtual/world.ts";
import { RunTimeModel } from "../../src/model/model.ts";
import { LoopLag } from "../../src/observe/loop_lag.ts";
import { LoadGauges } from "../../src/policy/load.ts";

/** A thread of which a part of each turn is busy, by runs of a router or by anything else. */
function createThread(clock: WatchedClock) {
  const load = new LoadGauges(new RunTimeModel(0), 1, { free: 1 }, new Int32Array(0));
  load.inFlight = 1;
  const lag = new LoopLag(clock, load);
  lag.start();
  const work = (busyMs: number, idleMs: number, totalMs: number, isRun: boolean) => {
    for (let ms = 0; ms < totalMs; ms += busyMs + idleMs) {
      clock.occupy(busyMs);
      if (isRun) load.ranHereMs += busyMs;
      clock.advance(idleMs);
    }
  };
  return { load, lag, work };
}

test("Load.loopUtilization is the share that runs on this thread took", () => {
  const clock = new WatchedClock();
  const { load, work } = createThread(clock);
  work(0.5, 1.5, 500, true);
  assert.ok(Math.abs(load.loopUtilization - 0.25) < 0.01, `${load.loopUtilization}`);
  work(1.5, 0.5, 4_000, true);
  assert.ok(Math.abs(load.loopUtilization - 0.75) < 0.02, "it forgets what is over a second old");
  work(0, 2, 1_000, true);
  assert.ok(load.loopUtilization > 0.2 && load.loopUtilization < 0.35, `${load.loopUtilization}`);
});

test("Load.loopUtilization counts what made timers late, where nothing else is known", () => {
  const clock = new WatchedClock();
  const { load, lag, work } = createThread(clock);
  work(40, 10, 2_000, false);
  assert.ok(load.loopUtilization > 0.55 && load.loopUtilization <= 0.8, `${load.loopUtilization}`);
  lag.close();
  assert.equal(load.loopUtilization, 0, "nothing is in flight");
});

test("Load.loopUtilization is what the clock measures, if it does", () => {
  let busyMs = 1_000;
  class MeasuringClock extends WatchedClock {
    busyMs(): number {
      return busyMs;
    }
  }
  const clock = new MeasuringClock();
  const { load } = createThread(clock);
  for (let ms = 0; ms < 300; ms += 10) {
    clock.advance(10);
    busyMs += 4;
  }
  assert.ok(Math.abs(load.loopUtilization - 0.4) < 0.02, `${load.loopUtilization}`);
  busyMs += 1e6;
  clock.advance(10);
  assert.ok(load.loopUtilization < 0.5, "10 ms are never more than 10 ms");
});

test("Load.loopUtilization counts inline and spawned runs, their first part if they give a promise", async () => {
  for (const strategy of ["inline", "spawn"] as const) {
    const world = await createWorld({ policy: forcedPolicy(strategy), inlineSliceMs: 1_000 });
    offer(world, "local", { ms: 1_000, later: true });
    for (let ms = 0; ms < 600; ms += 10) {
      const onBegin = () => world.clock.occupy(2);
      offer(world, "local", { ms: 1 });
      offer(world, "local", { ms: 200, later: true, onBegin });
      world.clock.advance(10 - (strategy === "inline" ? 3 : 0));
    }
    const { loopUtilization } = world.router.load;
    assert.ok(Math.abs(loopUtilization - 0.3) < 0.05, `${strategy}: ${loopUtilization}`);
    world.clock.run();
  }
});

test(
  "Load.loopUtilization rises while this thread is blocked, on every runtime",
  guarded,
  async () => {
    const block = (ms: number) => {
      for (const start = performance.now(); performance.now() - start < ms;);
    };
    const jobs = defineJobs({
      waits: { run: (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)) },
    });
    const router = await createRouter({ jobs, policy: forcedPolicy("inline") });
    const waits = router.run("waits", 1_500);
    let most = 0;
    await until(() => {
      block(30);
      most = Math.max(most, router.load.loopUtilization);
      return most > 0.3;
    });
    assert.ok(most <= 1, runtimeInfo().name);
    await waits;
    await router.close();
  },
);
