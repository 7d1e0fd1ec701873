import assert from "node:assert/strict";
import { test } from "node:test";
import { JobModuleError, WorkerCrashedError } from "../../mod.ts";
import { createWorld, offer } from "../virtual/world.ts";
import { heavy, offerMany } from "./pool_offers.ts";

test("CpuPoolLane starts workers as they are needed, and no more than cpuParallelism", async () => {
  const world = await createWorld({ cpuParallelism: 3 });
  assert.equal(world.ports.all.length, 0);
  const first = offer(world, "shared", { ms: 10 }, heavy);
  assert.equal(world.ports.all.length, 1);
  world.clock.run();
  assert.deepEqual([first.job?.waitMs, first.job?.runMs], [1, 10]);
  const jobs = offerMany(world, 10, { ms: 10 });
  world.clock.advance(5);
  assert.equal(world.ports.alive.length, 3);
  assert.equal(world.ports.atWork, 3);
  const { load, workers } = world.router.stats();
  assert.deepEqual([load.poolRunning, load.poolWaiting, workers.busy], [3, 7, 3]);
  world.clock.run();
  assert.deepEqual([world.ports.mostAtWork, world.ports.violations], [3, []]);
  assert.ok(jobs.every((job) => job.story === "cpu_pool completed"));
});

test("CpuPoolLane starts no worker more than there are calls waiting", async () => {
  const world = await createWorld({ cpuParallelism: 8, model: { startMs: 20 } });
  offerMany(world, 2);
  assert.equal(world.ports.all.length, 2);
  offerMany(world, 1);
  assert.equal(world.ports.all.length, 3);
});

test("CpuPoolLane tries three times to start a worker, later each time, then fails what waits", async () => {
  const world = await createWorld({ cpuParallelism: 1, model: { startFailures: 1 } });
  const jobs = offerMany(world, 2);
  const startedAt: number[] = [];
  let seen = 0;
  do {
    if (world.ports.all.length > seen) startedAt.push(world.clock.now());
    seen = world.ports.all.length;
  } while (jobs[0].status === "pending" && world.clock.step());
  assert.deepEqual(startedAt, [0, 101, 302]);
  assert.deepEqual(jobs.map((job) => job.story), ["cpu_pool failed", "cpu_pool failed"]);
  assert.equal((jobs[0].job?.value as Error).message, "model: cannot start");
  const next = offer(world, "shared", {}, heavy);
  assert.equal(next.status, "failed", "until the next try, calls fail at once");
  world.clock.run();
});

test("CpuPoolLane takes workers that fail to start together for one try", async () => {
  const world = await createWorld({ cpuParallelism: 4, model: { startFailures: 1 } });
  const jobs = offerMany(world, 4);
  world.clock.runUntil(102);
  assert.equal(world.ports.all.length, 8);
  assert.ok(jobs.every((job) => job.status === "pending"));
  Object.assign(world.ports.model, { startFailures: 0 });
  world.clock.run();
  assert.ok(jobs.every((job) => job.status === "completed"));
});

test("CpuPoolLane works again when workers can be started again", async () => {
  const world = await createWorld({ cpuParallelism: 1, model: { startFailures: 1 } });
  offer(world, "shared", {}, heavy);
  world.clock.run();
  world.clock.advance(1_000);
  Object.assign(world.ports.model, { startFailures: 0 });
  const told = offer(world, "shared", {}, heavy);
  world.clock.run();
  assert.equal(told.status, "completed");
});

test("CpuPoolLane gives up at once on a job module that cannot be loaded", async () => {
  const world = await createWorld({ cpuParallelism: 1, model: { startMs: 10 } });
  const told = offer(world, "shared", {}, heavy);
  const error = new JobModuleError("Cannot start worker: no such file");
  world.ports.all[0].die(error);
  assert.deepEqual([told.status, told.job?.value], ["failed", error]);
  world.clock.run();
  assert.equal(world.ports.all.length, 1);
});

test("CpuPoolLane lets jobs wait for a worker that is still coming up when another fails to", async () => {
  const world = await createWorld({ cpuParallelism: 2, model: { startMs: 10 } });
  const jobs = offerMany(world, 2);
  world.ports.all[0].die(new JobModuleError("Cannot start worker: no such file"));
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.status), ["completed", "completed"]);
  assert.equal(offer(world, "shared", {}, heavy).status, "pending");
  world.clock.run();
});

test("CpuPoolLane goes on with the workers it has when another cannot be started", async () => {
  const world = await createWorld({ cpuParallelism: 2 });
  offer(world, "shared", { ms: 5_000 }, heavy);
  world.clock.advance(1);
  Object.assign(world.ports.model, { startFailures: 1 });
  const told = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.run();
  assert.equal(told.status, "completed");
});

test("CpuPoolLane ends a worker that does not start in time, and takes no late ready for one", async () => {
  const world = await createWorld({
    cpuParallelism: 1,
    workerStartTimeoutMs: 50,
    model: { startMs: 55, endMs: 10 }, // "ready" comes between terminate() and the end
  });
  const told = offer(world, "shared", {}, heavy);
  world.clock.runUntil(61);
  assert.deepEqual(world.router.stats().workers.starting, 0);
  Object.assign(world.ports.model, { startMs: 1 });
  world.clock.run();
  assert.equal(told.status, "completed", "the next worker comes");
  const { workers } = world.router.stats();
  assert.deepEqual([workers.started, workers.starting, workers.crashed], [2, 0, 1]);
  assert.deepEqual(world.ports.violations, []);
});

test("CpuPoolLane says why a worker did not start", async () => {
  const world = await createWorld({
    cpuParallelism: 1,
    workerStartTimeoutMs: 50,
    model: { startMs: 1e6 },
  });
  const told = offer(world, "shared", {}, heavy);
  world.clock.run();
  assert.ok(told.job?.value instanceof WorkerCrashedError);
  assert.equal(told.job.value.message, "Worker did not start within 50 ms");
});
