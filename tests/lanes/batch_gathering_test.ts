import assert from "node:assert/strict";
import { test } from "node:test";
import type { StandardSchema } from "../../mod.ts";
import type { AnyKind } from "../../src/define/jobs.ts";
import { observing } from "../policy/wishes.ts";
import { macrotask } from "../virtual/clock.ts";
import { createWorld, defineSet, offer } from "../virtual/world.ts";
import { callSizes, offerMany, scaling, stories } from "./batch_offers.ts";

test("BatchLane closes a batch at batchMaxSize", async () => {
  const world = await createWorld({ batchMaxSize: 3, batchMaxDelayMs: 1_000 });
  const jobs = offerMany(world, "group", 7);
  assert.deepEqual([world.router.stats().load.batchWaiting], [1]);
  world.clock.advance(100);
  assert.deepEqual(callSizes(world), [3, 3]);
  assert.equal(jobs.filter((job) => job.status === "completed").length, 6);
  world.clock.run();
  assert.deepEqual(callSizes(world), [3, 3, 1]);
  assert.deepEqual(jobs.map((job) => job.job?.value), [0, 2, 4, 6, 8, 10, 12]);
  assert.ok(world.ports.calls.every((call) => call.isBatch));
});

test("BatchLane closes a batch batchMaxDelayMs after its first job", async () => {
  const world = await createWorld({ batchMaxDelayMs: 10 });
  const first = offer(world, "group", {}, scaling);
  world.clock.advance(9);
  const second = offer(world, "group", {}, scaling);
  assert.equal(world.router.stats().load.batchWaiting, 2);
  world.clock.advance(1);
  assert.deepEqual(world.router.stats().load.batchWaiting, 0);
  world.clock.run();
  assert.deepEqual(callSizes(world), [2]);
  // 10 until it is closed, 1 until a worker is there, 2 of work
  assert.deepEqual([first.job?.totalMs, second.job?.totalMs], [13, 4]);
});

test("BatchLane closes a batch at the next turn while timers are throttled", async () => {
  const world = await createWorld({ batchMaxDelayMs: 1_000, minWorkers: 1 });
  Object.assign(world.clock, { isThrottled: () => true });
  const start = world.clock.now();
  const jobs = offerMany(world, "group", 3);
  assert.equal(world.router.stats().load.batchWaiting, 3);
  world.clock.run();
  assert.deepEqual(callSizes(world), [3], "those of this turn go together");
  assert.ok(jobs.every((job) => job.status === "completed"));
  assert.ok(world.clock.now() - start < 1_000);
});

test("BatchLane never lets a job wait for others longer than a quarter of its budget", async () => {
  const world = await createWorld({ batchMaxDelayMs: 100, minWorkers: 1 });
  const start = world.clock.now();
  const patient = offer(world, "group", { ms: 0 }, scaling);
  world.clock.advance(5);
  const hasty = offer(world, "group", { ms: 0 }, { ...scaling, latencyBudgetMs: 40 });
  world.clock.runUntil(start + 14);
  assert.equal(world.ports.calls.length, 0);
  world.clock.runUntil(start + 15);
  assert.deepEqual(callSizes(world), [2]);
  assert.deepEqual(stories([patient, hasty]), ["batch completed", "batch completed"]);
  const least = offer(world, "group", { ms: 0 }, { ...scaling, latencyBudgetMs: 4_000 });
  world.clock.advance(100);
  assert.equal(least.status, "completed", "a large budget does not lengthen the wait");
});

test("BatchLane does not wait again for a job that has waited for its schema", async () => {
  let answer!: (result: { readonly value: number }) => void;
  const answered = new Promise<{ readonly value: number }>((resolve) => answer = resolve);
  const held: StandardSchema<number> = {
    "~standard": { version: 1, vendor: "test", validate: () => answered },
  };
  const runBatch = (all: readonly number[]) => all;
  const jobs = defineSet({ late: { input: held, run: (n) => n, runBatch } as AnyKind });
  const batch = { name: "batch", decide: () => ({ strategy: "batch", reason: "test" }) as const };
  const world = await createWorld({ jobs, policy: batch, batchMaxDelayMs: 10 });
  const told = offer(world, "late");
  world.clock.advance(100);
  answer({ value: 1 });
  await macrotask();
  world.clock.run();
  assert.deepEqual([told.status, told.job?.totalMs], ["completed", 100]);
});

test("BatchLane gathers each kind by itself", async () => {
  const world = await createWorld({ batchMaxSize: 2 });
  const jobs = ["group", "steady_group", "group", "steady_group"].map((kind) =>
    offer(world, kind, {}, scaling)
  );
  world.clock.run();
  assert.deepEqual(world.ports.calls.map((call) => call.kind), ["group", "steady_group"]);
  assert.ok(jobs.every((job) => job.story === "batch completed"));
});

test("BatchLane takes one permit for a batch", async () => {
  const world = await createWorld({ cpuParallelism: 1, batchMaxSize: 4 });
  offerMany(world, "group", 8);
  world.clock.advance(2);
  const { load } = world.router.stats();
  assert.deepEqual([load.poolRunning, load.poolWaiting, load.batchWaiting], [1, 4, 0]);
  assert.equal(world.ports.atWork, 1);
  world.clock.run();
  assert.equal(world.ports.mostAtWork, 1);
});

test("BatchLane counts gathering jobs against the pool's capacity", async () => {
  const world = await createWorld({ cpuParallelism: 1, cpuQueueCapacity: 2, batchMaxDelayMs: 100 });
  const gathering = offerMany(world, "group", 2);
  const queued = offer(world, "shared", {}, { computeCost: 100_000 });
  const refused = offer(world, "shared", {}, { computeCost: 100_000 });
  const refusedToo = offer(world, "group", {}, scaling);
  assert.deepEqual(stories([refused, refusedToo]), [
    "backpressure_drop dropped pool_saturated",
    "backpressure_drop dropped pool_saturated",
  ]);
  const { poolWaiting, batchWaiting } = world.router.stats().load;
  assert.deepEqual([poolWaiting, batchWaiting], [1, 2]);
  world.clock.run();
  assert.ok([...gathering, queued].every((job) => job.status === "completed"));
});

test("BatchLane runs batches of kinds without a module on this thread", async () => {
  const world = await createWorld({ batchMaxSize: 3, batchMaxDelayMs: 5 });
  const jobs = offerMany(world, "local_group", 4);
  assert.equal(world.router.stats().load.spawnWaiting, 4);
  world.clock.run();
  assert.ok(jobs.every((job) => job.story === "batch completed"));
  assert.deepEqual(jobs.map((job) => job.job?.value), [0, 2, 4, 6]);
  assert.equal(world.ports.all.length, 0);
  const [batch, alone] = [jobs[0].job!, jobs[3].job!];
  assert.deepEqual([batch.runMs, alone.runMs], [3, 1], "runMs is the call's");
});

test("BatchLane counts jobs of this thread against the spawn lane's capacity", async () => {
  const world = await createWorld({ spawnQueueCapacity: 2, batchMaxDelayMs: 5 });
  const jobs = offerMany(world, "local_group", 3);
  assert.deepEqual(stories(jobs), ["pending", "pending", "backpressure_drop dropped lane_full"]);
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.status), ["completed", "completed", "dropped"]);
});

test("BatchLane sends a kind without runBatch elsewhere", async () => {
  const policy = {
    name: "all",
    decide: () => ({ strategy: "batch" as const, reason: "test" }),
  };
  const world = await createWorld({ policy });
  const jobs = [offer(world, "shared"), offer(world, "local")];
  world.clock.run();
  assert.deepEqual(stories(jobs), ["cpu_pool completed", "spawn completed"]);
  assert.equal(world.router.explain("shared", { id: 1, ms: 1 }).reason, "no_run_batch");
});

test("BatchLane refuses what is above the pool's capacity, and all when the pool is closed", async () => {
  const policy = { name: "all", decide: () => ({ strategy: "batch" as const, reason: "test" }) };
  const world = await createWorld({
    policy,
    cpuParallelism: 1,
    cpuQueueCapacity: 2,
    maxLostWorkers: 1,
  });
  const jobs = [1, 2, 3, 4].map((id) => offer(world, "group", { id, end: "lost" }));
  assert.deepEqual(stories(jobs), [
    ...["pending", "pending", "pending"], // one of them for the worker that is to start
    "backpressure_drop dropped lane_full",
  ]);
  world.clock.run();
  assert.equal(world.router.stats().load.poolOpen, false);
  assert.equal(offer(world, "group").status, "dropped");
  const here = offer(world, "local_group");
  world.clock.run();
  assert.equal(here.story, "batch completed");
});

test("BatchLane closes a batch once, though a policy fills it while a job joins", async () => {
  const { policy } = observing({
    observe(_state, { type, job }) {
      if (type === "enqueue" && job.id === 1) offer(world, "group", {}, { priority: 3 });
    },
  });
  const world = await createWorld({ policy, batchMaxSize: 2, minWorkers: 1 });
  const told = offer(world, "group", {}, { priority: 3 });
  world.clock.run();
  assert.equal(told.story, "batch completed");
  assert.deepEqual(callSizes(world), [2]);
  const { batchWaiting, poolWaiting } = world.router.stats().load;
  assert.deepEqual([batchWaiting, poolWaiting], [0, 0]);
});
