import assert from "node:assert/strict";
import { test } from "node:test";
import { BusyShares } from "../../src/busy_shares.ts";
import type { Admission } from "../../src/job/admission.ts";
import { AsyncLimits } from "../../src/lanes/async_limit.ts";
import { InlineLane } from "../../src/lanes/inline.ts";
import { Places } from "../../src/lanes/places.ts";
import { RunTimeModel } from "../../src/model/model.ts";
import { LoadGauges } from "../../src/policy/load.ts";
import { KindInfo } from "../../src/submit/kind.ts";
import { createJob } from "../job/noted_job.ts";
import { WatchedClock } from "../virtual/clock.ts";
import { createWorld, offer, taskKinds } from "../virtual/world.ts";

const tiny = { computeCost: 10 };

test("InlineLane runs a job inside submit()", async () => {
  const world = await createWorld();
  const told = offer(world, "local", { ms: 3 }, tiny);
  assert.equal(told.story, "inline completed");
  assert.equal(told.job?.value, 2);
  assert.deepEqual([told.job?.waitMs, told.job?.runMs, told.job?.totalMs], [0, 3, 3]);
});

test("InlineLane takes no more than its slice of a turn: 10,000 submits do not freeze the loop", async () => {
  const world = await createWorld({
    spawnQueueCapacity: 100,
    cpuQueueCapacity: 512,
    inlineSliceMs: 8,
  });
  const { clock } = world;
  const jobs = Array.from({ length: 10_000 }, () => offer(world, "shared", { ms: 0.5 }, tiny));
  assert.equal(clock.now(), 8, "the turn took the slice, and no more");
  const inline = jobs.filter((job) => job.story === "inline completed");
  assert.equal(inline.length, 16);
  const { load, routed } = world.router.stats();
  assert.deepEqual([load.spawnWaiting, load.poolWaiting, load.poolRunning], [100, 514, 0]);
  assert.equal(routed.spawn, 100);
  assert.equal(routed.cpu_pool, 514); // with one for each of the two workers
  assert.equal(routed.backpressure_drop, 10_000 - 16 - 100 - 514);
  assert.deepEqual(world.router.stats().dropReasons, { lane_full: routed.backpressure_drop });

  // The loop gets turns: something else that posts itself is heard between the spawned jobs.
  let [heard, starts, alone] = [0, 0, 0];
  const beat = () => {
    heard++;
    const now = jobs.filter((job) => job.story === "spawn completed").length;
    if (now - starts > 1) alone++;
    starts = now;
    if (now < 100) clock.post(beat, undefined);
  };
  clock.post(beat, undefined);
  clock.run();
  assert.ok(heard >= 100);
  assert.equal(alone, 0, "never two spawned jobs in a row");
  assert.equal(jobs.filter((job) => job.status === "pending").length, 0);
});

test("InlineLane goes on with a burst of jobs that take longer to queue than to run", async () => {
  for (const [ms, inline] of [[0.005, 2_900], [0.05, 160]] as const) {
    const world = await createWorld({ inlineSliceMs: 8, spawnQueueCapacity: 10_000 });
    for (let i = 0; i < 100; i++) offer(world, "local", { ms }, tiny);
    world.clock.run();
    for (let i = 0; i < 3_000; i++) offer(world, "local", { ms }, tiny);
    const { routed } = world.router.stats();
    assert.equal(routed.inline - 100, inline, `${ms} ms each`);
    assert.equal(routed.spawn, 3_000 - inline);
    world.clock.run();
  }
});

test("InlineLane lets others have a turn when many submit one job after the other", async () => {
  const world = await createWorld({ inlineSliceMs: 1 });
  const { clock, router } = world;
  for (let i = 0; i < 100; i++) offer(world, "local", { ms: 0.005 }, tiny);
  clock.run();
  let left = 50_000;
  const one = async () => {
    while (left-- > 0) await router.submit("local", { id: 1, ms: 0.005 } as never, tiny);
  };
  const all = Promise.all(Array.from({ length: 90 }, one));
  const turns: number[] = [];
  const beat = () => {
    turns.push(clock.now());
    if (left > 0) clock.post(beat, undefined);
  };
  clock.post(beat, undefined);
  await clock.runAsync(100_000);
  await all;
  const gaps = turns.map((ms, i) => ms - (turns[i - 1] ?? ms));
  assert.ok(turns.length > 100);
  assert.ok(Math.max(...gaps) < 2, `${Math.max(...gaps)} ms between two turns`);
});

test("InlineLane has a whole slice again in the next turn", async () => {
  const world = await createWorld({ inlineSliceMs: 8 });
  const stories = () => [1, 2, 3].map(() => offer(world, "local", { ms: 4 }, tiny).job?.strategy);
  assert.deepEqual(stories(), ["inline", "inline", undefined]);
  assert.equal(world.router.stats().load.inlineTurnMs, 8);
  world.clock.run();
  for (let i = 0; i < 3; i++) {
    assert.equal(world.router.stats().load.inlineTurnMs, 0);
    assert.deepEqual(stories(), ["inline", "inline", undefined]);
    world.clock.run();
  }
});

test("InlineLane spawns with the reason inline_slice_spent", async () => {
  const world = await createWorld({ inlineSliceMs: 1 });
  offer(world, "local", { ms: 1 }, tiny);
  const { strategy, reason } = world.router.explain("local", { id: 1, ms: 1 }, tiny);
  assert.equal(`${strategy} ${reason}`, "spawn inline_slice_spent");
  const none = await createWorld({ inlineSliceMs: 0 });
  assert.equal(none.router.explain("local", { id: 1, ms: 1 }, tiny).reason, "inline_slice_spent");
});

test("InlineLane counts what a run submits as part of the slice", async () => {
  const world = await createWorld({ inlineSliceMs: 8 });
  const inner = () => offer(world, "local", { ms: 6 }, tiny).job?.strategy;
  const seen: (string | undefined)[] = [];
  offer(world, "local", { ms: 1, onRun: () => seen.push(inner(), inner(), inner()) }, tiny);
  assert.deepEqual(seen, ["inline", "inline", undefined]);
  assert.equal(world.router.stats().load.inlineTurnMs, 13);
});

test("InlineLane counts what a sink submits as part of the slice", async () => {
  const world = await createWorld({ inlineSliceMs: 8 });
  const { router, clock } = world;
  let [left, inline] = [1_000, 0];
  const chain = {
    settled({ strategy }: { readonly strategy: string }) {
      if (strategy === "inline") inline++;
      if (left-- > 0) router.offer("local", { id: 1, ms: 1 }, tiny, chain);
    },
    refused: assert.fail,
  };
  for (let i = 0; i < 20; i++) router.offer("local", { id: 1, ms: 1 }, tiny, chain);
  assert.ok(clock.now() <= 9, `this turn took ${clock.now()} ms`);
  assert.ok(inline <= 9);
});

test("InlineLane counts a run that aborted itself as part of the slice", async () => {
  const world = await createWorld({ inlineSliceMs: 8 });
  for (let i = 0; i < 100; i++) {
    const controller = new AbortController();
    const options = { ...tiny, signal: controller.signal };
    offer(world, "local", { ms: 1, onRun: () => controller.abort() }, options);
  }
  assert.equal(world.clock.now(), 8);
});

test("InlineLane bounds the asynchronous runs that have not ended", async () => {
  const world = await createWorld({ spawnConcurrency: 3 });
  const jobs = Array.from(
    { length: 5 },
    () => offer(world, "local", { ms: 50, later: true }, tiny),
  );
  assert.equal(world.router.stats().load.spawnWaiting, 2);
  const { reason } = world.router.explain("local", { id: 1, ms: 1 }, tiny);
  assert.equal(reason, "inline_pending_full");
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.job?.strategy), [
    ...["inline", "inline", "inline", "spawn", "spawn"],
  ]);
  const again = offer(world, "local", { ms: 1, later: true }, tiny);
  world.clock.run();
  assert.equal(again.story, "inline completed", "the places are free again");
});

test("InlineLane times an asynchronous run to its end", async () => {
  const world = await createWorld();
  const told = offer(world, "local", { ms: 40, later: true }, { ...tiny, latencyBudgetMs: 30 });
  world.clock.run();
  assert.deepEqual([told.story, told.job?.runMs], ["inline completed", 40]);
  assert.equal(told.job?.withinBudget, false);
});

test("InlineLane posts nothing while little of the slice is used", async () => {
  const world = await createWorld({ inlineSliceMs: 8 });
  offer(world, "local", { ms: 1 }, tiny);
  assert.equal(world.clock.pending, 0);
  offer(world, "local", { ms: 1 }, tiny);
  assert.equal(world.clock.pending, 1);
  offer(world, "local", { ms: 1 }, tiny);
  assert.equal(world.clock.pending, 1, "once a turn");
});

test("InlineLane holds asynchronous runs until they end", () => {
  const clock = new WatchedClock();
  const load = new LoadGauges(new RunTimeModel(1), 1, { free: 0 }, new Int32Array(5));
  load.inlineSliceMs = 8;
  const admission = { clock } as unknown as Admission;
  const places = new Places(admission, load, 500, true);
  const shares = new BusyShares(clock, load);
  const lane = new InlineLane(clock, load, shares, new AsyncLimits(), places);
  const kind = new KindInfo("local", 0, taskKinds(clock).here.local, undefined, false);
  const [first, second] = [10, 20].map((ms) => createJob({}, kind, { id: 1, ms, later: true }).job);
  for (const job of [first, second]) lane.accept(job);
  assert.deepEqual(lane.held().map((job) => job === first), [true, false]);
  clock.advance(10);
  assert.deepEqual(lane.held().map((job) => job === second), [true]);
  clock.advance(10);
  assert.deepEqual(lane.held(), []);
});
