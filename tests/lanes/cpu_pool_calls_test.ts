import assert from "node:assert/strict";
import { test } from "node:test";
import { JobFailedError } from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createWorld, offer, type Task } from "../virtual/world.ts";
import { heavy, offerMany } from "./pool_offers.ts";

test("CpuPoolLane takes its calls in order of arrival, and priority first", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const priorities = [5, 5, 9, 0, 5];
  priorities.forEach((priority, id) => offer(world, "shared", { id }, { ...heavy, priority }));
  world.clock.run();
  const order = world.ports.calls.map(({ payload }) => (payload as Task).id);
  assert.deepEqual(order, [2, 0, 1, 4, 3]);
});

test("CpuPoolLane sends a kind without a module elsewhere", async () => {
  const policy = { name: "all", decide: () => ({ strategy: "cpu_pool" as const, reason: "test" }) };
  const world = await createWorld({ policy });
  assert.equal(world.router.explain("local", { id: 1, ms: 1 }).reason, "no_module");
  const told = offer(world, "local");
  world.clock.run();
  assert.equal(told.story, "spawn completed");
  assert.equal(world.ports.all.length, 0);
});

test("CpuPoolLane drops what is above its capacity and the workers that are to start", async () => {
  const world = await createWorld({ cpuParallelism: 1, cpuQueueCapacity: 2 });
  const jobs = offerMany(world, 5);
  assert.deepEqual(jobs.map((job) => job.story), [
    ...["pending", "pending", "pending"],
    "backpressure_drop dropped pool_saturated",
    "backpressure_drop dropped pool_saturated",
  ]);
  world.clock.advance(1); // the worker has started and taken one
  assert.equal(world.router.stats().load.poolWaiting, 2);
  assert.equal(offer(world, "shared", {}, heavy).status, "dropped");
  world.clock.run();
});

test("CpuPoolLane fails a job that throws or cannot be cloned, with the cause", async () => {
  const world = await createWorld();
  const [thrown, uncloneable] = (["throw", "uncloneable"] as const).map((end) =>
    offer(world, "shared", { id: 7, end }, heavy).jobs
  );
  world.clock.run();
  const causes = [thrown[0].value, uncloneable[0].value].map((error) => {
    assert.ok(error instanceof JobFailedError);
    return error.cause as Error;
  });
  assert.equal(causes[0].message, "task 7");
  assert.equal(causes[1].name, "DataCloneError");
  assert.equal(world.router.stats().workers.crashed, 0);
});

test("CpuPoolLane drops a result that comes too late", async () => {
  const world = await createWorld({ cpuParallelism: 1, model: { lateResults: 1 } });
  const jobs = [0, 1, 2, 3].map((id) => offer(world, "shared", { id, ms: 1 + id }, heavy));
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.job?.value), [0, 2, 4, 6]);
  assert.equal(world.router.stats().doubleSettled, 0);
});

test("CpuPoolLane knows the work that waits once it has seen each kind", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const measure = () => {
    const { load } = world.router.stats();
    return load.poolWorkMs;
  };
  offerMany(world, 2, { ms: 10 }, { computeCost: 100_000 });
  assert.ok(Number.isNaN(measure()), "nothing is known of a kind that never ran");
  world.clock.run();
  assert.equal(measure(), 0);
  offerMany(world, 3, { ms: 10 }, { computeCost: 200_000 });
  world.clock.advance(5);
  assert.equal(Math.round(measure()), 40, "two wait, each with twice the cost");
  const slow = offer(world, "shared", {}, { ...heavy, latencyBudgetMs: 49 });
  assert.equal(slow.story, "backpressure_drop dropped pool_saturated");
  const [dropped] = [slow.job as unknown as { retryAfterMs: number }];
  assert.ok(dropped.retryAfterMs >= 40);
  assert.equal(offer(world, "shared", {}, { ...heavy, latencyBudgetMs: 63 }).status, "pending");
  world.clock.run();
  assert.equal(measure(), 0);
});

test("CpuPoolLane tells which of its workers are busy", async () => {
  const world = await createWorld({ cpuParallelism: 3, minWorkers: 3 });
  offer(world, "shared", {}, heavy);
  const { idle, busy } = world.router.stats().workers;
  assert.deepEqual([idle, busy], [2, 1]);
  world.clock.run();
});

test("CpuPoolLane takes its calls in order of arrival when the policy's order throws", async () => {
  const policy = {
    ...forcedPolicy("cpu_pool"),
    order(): number {
      throw new Error("no order");
    },
  };
  const world = await createWorld({ policy, cpuParallelism: 1 });
  offerMany(world, 5);
  world.clock.run();
  const order = world.ports.calls.map(({ payload }) => (payload as Task).id);
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
});

test("CpuPoolLane times each 64th call as it is sent", async () => {
  const world = await createWorld({ cpuParallelism: 1, model: { dispatchMs: 0.5 } });
  const sharedKind = { index: 2 };
  const { model } = world.router.load;
  offerMany(world, 63);
  world.clock.run();
  assert.ok(Number.isNaN(model.predict(sharedKind, 1).postMs));
  Object.assign(world.ports.model, { dispatchMs: 0.25 });
  offerMany(world, 2);
  world.clock.run();
  assert.equal(model.predict(sharedKind, 1).postMs, 0.25);
});
