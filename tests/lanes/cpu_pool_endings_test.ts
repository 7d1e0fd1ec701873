import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld, offer } from "../virtual/world.ts";
import { heavy, offerMany, statuses } from "./pool_offers.ts";

test("CpuPoolLane loses only the call that a dying worker was on", async () => {
  const world = await createWorld({ cpuParallelism: 2 });
  const jobs = (["ok", "crash", "ok", "ok"] as const).map((end, id) =>
    offer(world, "shared", { id, end, ms: 10 }, heavy)
  );
  world.clock.run();
  assert.deepEqual(statuses(jobs), ["completed", "failed", "completed", "completed"]);
  const { workers } = world.router.stats();
  assert.deepEqual([workers.crashed, workers.started], [1, 3]);
});

test("CpuPoolLane ends idle workers after idleTimeoutMs, all but minWorkers", async () => {
  const world = await createWorld({ cpuParallelism: 3, minWorkers: 1, idleTimeoutMs: 100 });
  assert.equal(world.ports.alive.length, 1);
  offerMany(world, 3, { ms: 10 });
  world.clock.advance(20);
  assert.equal(world.ports.alive.length, 3);
  assert.equal(world.clock.holding, 0, "what waits for idle workers keeps no process alive");
  world.clock.advance(80);
  assert.equal(world.ports.alive.length, 3);
  world.clock.run();
  assert.equal(world.ports.alive.length, 1);
  assert.deepEqual(world.router.stats().workers.crashed, 0);
  const again = offerMany(world, 3);
  world.clock.run();
  assert.deepEqual(statuses(again), Array(3).fill("completed"));
});

test("CpuPoolLane takes the worker that was used last, so that the others can end", async () => {
  const world = await createWorld({ cpuParallelism: 2, idleTimeoutMs: 100 });
  offerMany(world, 2, { ms: 10 });
  world.clock.advance(30);
  for (let i = 0; i < 20; i++) {
    offer(world, "shared", { ms: 1 }, heavy);
    world.clock.advance(10);
  }
  assert.equal(world.ports.alive.length, 1);
});

test("CpuPoolLane replaces a kept worker that dies", async () => {
  const world = await createWorld({ minWorkers: 1 });
  world.ports.all[0].die(new Error("gone"));
  world.clock.advance(90);
  assert.equal(world.ports.all.length, 1, "not at once: the next may die as soon");
  world.clock.advance(11);
  assert.equal(world.ports.alive.length, 1);
  assert.equal(world.router.stats().workers.idle, 1);
});

test("CpuPoolLane closes at maxLostWorkers and drops what waits", async () => {
  const world = await createWorld({ cpuParallelism: 1, maxLostWorkers: 2 });
  const lost = offerMany(world, 2, { end: "lost", ms: 5 });
  const waiting = offerMany(world, 2);
  const gathering = offer(world, "group", {}, { ...heavy, scalingPotential: 1 });
  world.clock.advance(8);
  assert.deepEqual(statuses(lost), ["failed", "pending"]);
  assert.equal(world.router.stats().load.poolOpen, true);
  world.clock.run();
  assert.deepEqual(statuses(lost), ["failed", "failed"]);
  const dropped = [...waiting, gathering].map((job) => job.job?.value);
  assert.deepEqual(dropped, Array(3).fill("workers_lost"));
  const { load, workers } = world.router.stats();
  assert.deepEqual([load.poolOpen, workers.lost], [false, 2]);
  const after = offer(world, "shared", {}, heavy);
  assert.equal(after.story, "backpressure_drop dropped workers_lost");
  const tiny = offer(world, "shared", {}, { computeCost: 1, scalingPotential: 1 });
  assert.equal(tiny.story, "inline completed", "what can run here still does");
});

test("CpuPoolLane opens again when fewer than maxLostWorkers are lost", async () => {
  const world = await createWorld({
    cpuParallelism: 2,
    maxLostWorkers: 2,
    model: { returnMs: 30 },
  });
  const { router, clock } = world;
  offerMany(world, 1, { end: "lost", ms: 5 });
  clock.advance(10);
  offerMany(world, 1, { end: "lost", ms: 5 });
  clock.advance(10);
  const seen = () => [router.stats().workers.lost, router.load.poolOpen, router.obstacle];
  assert.deepEqual(seen(), [2, false, "workers_lost"]);
  assert.equal(offer(world, "shared", {}, heavy).job?.value, "workers_lost");
  clock.advance(20);
  assert.deepEqual(seen(), [1, true, null]);
  const after = offer(world, "shared", {}, heavy);
  clock.advance(20);
  assert.deepEqual([seen(), after.status], [[0, true, null], "completed"]);
});

test("CpuPoolLane keeps minWorkers beside a thread that is lost and returns", async () => {
  const world = await createWorld({ minWorkers: 1, maxLostWorkers: 1, model: { returnMs: 500 } });
  offerMany(world, 1, { end: "lost", ms: 5 });
  world.clock.advance(200);
  assert.equal(world.ports.alive.length, 1);
  world.clock.advance(400);
  assert.deepEqual([world.ports.alive.length, world.router.load.poolOpen], [1, true]);
});

test("CpuPoolLane waits for no lost thread once it closes", async () => {
  const world = await createWorld({ model: { returnMs: 1e6 } });
  offerMany(world, 1, { end: "lost", ms: 5 });
  world.clock.advance(10);
  const closed = world.router.close();
  world.clock.advance(10);
  await closed;
  assert.deepEqual([world.router.stats().workers.lost, world.clock.pending], [1, 0]);
});

test("CpuPoolLane never speaks to a worker that is dead, whatever sinks do meanwhile", async () => {
  const world = await createWorld({ cpuParallelism: 1, maxLostWorkers: 1 });
  const controller = new AbortController();
  const running = offer(world, "shared", { end: "lost", ms: 5 }, {
    ...heavy,
    signal: controller.signal,
  });
  world.router.offer("shared", { id: 2, ms: 1 }, heavy, {
    settled: () => controller.abort("by the sink"), // the death drops it before the running one
    refused: assert.fail,
  });
  world.clock.run();
  assert.deepEqual([running.status, running.job?.value], ["cancelled", "by the sink"]);
  assert.deepEqual(world.ports.violations, []);
});

test("CpuPoolLane closes at 2 or cpuParallelism lost workers by default", async () => {
  const world = await createWorld({ cpuParallelism: 2 });
  offerMany(world, 1, { end: "lost" });
  world.clock.run();
  assert.equal(world.router.stats().load.poolOpen, true);
  offerMany(world, 1, { end: "lost" });
  world.clock.run();
  assert.equal(world.router.stats().load.poolOpen, false);
});

test("CpuPoolLane drops a batch that gathered while the pool closed", async () => {
  const world = await createWorld({ maxLostWorkers: 1, batchMaxDelayMs: 100 });
  const gathering = offer(world, "group", {}, { ...heavy, scalingPotential: 1 });
  offerMany(world, 1, { end: "lost" });
  world.clock.advance(50);
  assert.deepEqual([world.router.load.poolOpen, gathering.status], [false, "pending"]);
  world.clock.run();
  assert.equal(gathering.story, "batch dropped workers_lost");
});

test("CpuPoolLane counts workers that do not end when it closes as lost", async () => {
  const world = await createWorld({ minWorkers: 2, model: { endMs: 1e6 } });
  const running = offer(world, "shared", { ms: 1e6 }, heavy);
  const closed = world.router.close({ drainMs: 0 });
  world.clock.advance(60_000);
  await closed;
  assert.equal(running.status, "cancelled");
  const { load, workers } = world.router.stats();
  assert.deepEqual([workers.lost, workers.busy, load.poolRunning], [2, 0, 0]);
  assert.equal(world.clock.pending, 0);
});
