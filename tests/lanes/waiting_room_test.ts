// Jobs that wait for room instead of being dropped, on the virtual clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy, RouterClosedError } from "../../mod.ts";
import type { AnyKind } from "../../src/define/jobs.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { macrotask } from "../virtual/clock.ts";
import { createWorld, defineSet, offer, type Told } from "../virtual/world.ts";
import { createSmallWorld, fill, wait, waitingFor, work } from "./small_world.ts";

test("without whenFull a job that finds no room is dropped, with it the job waits and runs", async () => {
  const world = await createSmallWorld();
  fill(world);
  assert.equal(work(world).story, "backpressure_drop dropped lane_full");
  assert.equal(work(world, { whenFull: "drop" }).story, "backpressure_drop dropped lane_full");
  const told = work(world, wait);
  const { submitted, inFlight, load, routed, dropped } = world.router.stats();
  assert.deepEqual([told.status, inFlight, load.waitingForRoom], ["pending", 3, 1]);
  assert.equal(routed.cpu_pool + routed.backpressure_drop + load.waitingForRoom, submitted);
  assert.deepEqual([routed.backpressure_drop, dropped], [2, 2]);
  world.clock.run();
  assert.equal(told.story, "cpu_pool completed");
  assert.equal(told.job!.decision.strategy, "cpu_pool");
  assert.deepEqual([told.job!.totalMs, told.job!.waitMs], [30, 20]);
  const after = world.router.stats();
  assert.deepEqual([after.routed.cpu_pool, after.routed.backpressure_drop], [4, 2]);
  assert.deepEqual([after.inFlight, after.load.waitingForRoom, after.doubleSettled], [0, 0, 0]);
});

test("jobs of this thread wait for room, too", async () => {
  const limits = { spawnConcurrency: 1, spawnQueueCapacity: 1 };
  const world = await createWorld({ policy: forcedPolicy("spawn"), ...limits });
  const all = Array.from({ length: 6 }, () => offer(world, "local", { later: true, ms: 5 }, wait));
  assert.equal(waitingFor(world), 5);
  world.clock.run();
  assert.deepEqual(new Set(all.map(({ story }) => story)), new Set(["spawn completed"]));
  assert.equal(world.router.load.waitingForRoom, 0);
});

test("a job that may wait is not given up when more comes than can be done", async () => {
  const world = await createWorld({ policy: adaptivePolicy(), cpuParallelism: 1 });
  const waiting: Told[] = [];
  const others: Told[] = [];
  for (let i = 0; i < 4_000; i++) { // twice what can be done
    const submit = () => {
      if (i % 10 === 0) waiting.push(offer(world, "shared", { ms: 3 }, wait));
      else others.push(offer(world, "shared", { ms: 3 }));
    };
    world.clock.at(i * 1.5, submit, undefined);
  }
  world.clock.run();
  assert.deepEqual(new Set(waiting.map(({ status }) => status)), new Set(["completed"]));
  assert.ok(others.some(({ story }) => story.endsWith("dropped too_late")));
});

test("those who wait are served by priority, then in order of arrival", async () => {
  const world = await createSmallWorld();
  fill(world);
  const order: number[] = [];
  const priorities = [5, 1, 9, 5, 9, 0];
  priorities.forEach((priority, index) => {
    const sink = { settled: () => order.push(index), refused: assert.fail };
    world.router.offer("shared", { id: 1, ms: 10 }, { ...wait, priority }, sink);
  });
  world.clock.run();
  assert.deepEqual(order, [2, 4, 0, 3, 1, 5]);
});

test("a priority rises with age while a job waits for room, as in a queue", async () => {
  const world = await createSmallWorld({ priorityAgeingMs: 4 });
  fill(world);
  const low = work(world, { ...wait, priority: 4 });
  world.clock.advance(5);
  const high = work(world, { ...wait, priority: 5 });
  world.clock.advance(28);
  assert.deepEqual([low.status, high.status], ["completed", "pending"]);
  world.clock.run();
});

test("a freed place goes to who waits, and not to a submit that comes at that moment", async () => {
  const world = await createSmallWorld();
  const late: Told[] = [];
  const sink = { settled: () => late.push(work(world)), refused: assert.fail };
  world.router.offer("shared", { id: 1, ms: 10 }, { computeCost: 10 }, sink);
  work(world);
  const told = work(world, wait);
  world.clock.advance(10);
  assert.equal(late[0].story, "backpressure_drop dropped lane_full");
  assert.equal(told.status, "pending");
  assert.equal(waitingFor(world), 0);
  world.clock.run();
  assert.equal(told.story, "cpu_pool completed");
});

test("at most waitCapacity jobs wait for room", async () => {
  const world = await createSmallWorld({ waitCapacity: 2 });
  fill(world);
  const [first, second, third] = [work(world, wait), work(world, wait), work(world, wait)];
  assert.equal(third.story, "backpressure_drop dropped wait_full");
  assert.equal(third.job!.decision.reason, "wait_full");
  assert.equal(waitingFor(world), 2);
  world.clock.run();
  assert.deepEqual([first.status, second.status], ["completed", "completed"]);
  assert.deepEqual(world.router.stats().dropReasons, { wait_full: 1 });
});

test("a budget runs from the submit on, while a job waits for room, too", async () => {
  const world = await createSmallWorld();
  fill(world);
  const short = work(world, { ...wait, latencyBudgetMs: 7 });
  const long = work(world, { ...wait, latencyBudgetMs: 1_000 });
  world.clock.advance(7);
  assert.equal(short.story, "backpressure_drop dropped expired");
  assert.equal(short.job!.totalMs, 7);
  world.clock.run();
  assert.equal(long.story, "cpu_pool completed");
  assert.equal(world.router.stats().routed.backpressure_drop, 1);
});

test("an abort settles a job that waits for room, and leaves no listener", async () => {
  const world = await createSmallWorld();
  fill(world);
  const controller = new AbortController();
  const reason = new Error("not any more");
  const told = work(world, { ...wait, signal: controller.signal });
  const other = work(world, wait);
  controller.abort(reason);
  assert.deepEqual([told.status, told.job!.value], ["cancelled", reason]);
  assert.equal(waitingFor(world), 1);
  world.clock.run();
  assert.equal(other.status, "completed");
  const { submitted, routed } = world.router.stats();
  assert.equal(routed.cpu_pool + routed.backpressure_drop, submitted);
});

test("a job that waited is cancelled later by the same signal, once", async () => {
  const world = await createSmallWorld();
  fill(world);
  const controller = new AbortController();
  const told = work(world, { ...wait, signal: controller.signal });
  world.clock.advance(12);
  assert.equal(waitingFor(world), 0);
  controller.abort("late");
  assert.equal(told.story, "cpu_pool cancelled");
  world.clock.run();
  assert.equal(world.router.stats().doubleSettled, 0);
});

test("close() lets those who wait run in its time, and cancels the others", async () => {
  const world = await createSmallWorld();
  fill(world);
  const [first, second] = [work(world, wait), work(world, wait)];
  const closed = world.router.close({ drainMs: 35 });
  assert.equal(work(world, wait).status, "refused");
  world.clock.advance(35);
  assert.equal(first.status, "completed");
  assert.equal(second.status, "cancelled");
  assert.ok(second.job!.value instanceof RouterClosedError);
  world.clock.run();
  await closed;
  assert.equal(world.clock.pending, 0);
});

test("close({ drainMs: 0 }) settles those who wait, and leaves nothing behind", async () => {
  const world = await createSmallWorld();
  fill(world);
  const told = Array.from({ length: 5 }, () => work(world, wait));
  const closed = world.router.close({ drainMs: 0 });
  world.clock.run();
  await closed;
  assert.deepEqual(new Set(told.map(({ status }) => status)), new Set(["cancelled"]));
  const { load, submitted, routed } = world.router.stats();
  assert.equal(load.waitingForRoom, 0);
  assert.equal(routed.cpu_pool + routed.backpressure_drop, submitted);
});

test("configure() makes room for those who wait", async () => {
  const world = await createSmallWorld();
  fill(world);
  for (let i = 0; i < 4; i++) work(world, wait);
  world.router.configure({ cpuQueueCapacity: 4 });
  world.clock.advance(0);
  assert.deepEqual([waitingFor(world), world.router.load.poolWaiting], [1, 4]);
});

test("what is no want of room drops a job that waits, or would", async () => {
  const world = await createSmallWorld({ maxLostWorkers: 1 });
  offer(world, "shared", { ms: 10, end: "lost" }, { computeCost: 10 });
  work(world);
  const told = work(world, wait);
  assert.equal(told.status, "pending");
  world.clock.advance(20);
  assert.equal(told.story, "backpressure_drop dropped workers_lost");
  assert.equal(work(world, wait).story, "backpressure_drop dropped workers_lost");
  const late = work(world, { ...wait, arrivedAtMs: -50, latencyBudgetMs: 1 });
  assert.equal(late.story, "backpressure_drop dropped expired");
});

test("a job whose schema answers later waits for room, too", async () => {
  const schema = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: (value: unknown) => Promise.resolve({ value }),
    },
  };
  const kinds: Record<string, AnyKind> = {
    shared: { run: () => 0 },
    late: { input: schema, run: () => 0 },
  };
  const world = await createSmallWorld({ jobs: defineSet(kinds, "virtual:tasks") });
  fill(world);
  const told = offer(world, "late", { ms: 10 }, { computeCost: 10, ...wait });
  await macrotask();
  assert.deepEqual([told.status, waitingFor(world)], ["pending", 1]);
  world.clock.run();
  assert.equal(told.story, "cpu_pool completed");
});

test("submit() waits, and resolves to the outcome", async () => {
  const world = await createSmallWorld();
  fill(world);
  const promise = world.router.submit("shared", { id: 4, ms: 10 }, { computeCost: 10, ...wait });
  world.clock.run();
  const outcome = await promise;
  assert.equal(outcome.status === "completed" && outcome.output, 8);
});
