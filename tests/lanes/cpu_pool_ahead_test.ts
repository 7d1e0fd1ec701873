// What workers are handed ahead of time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld, offer, type World } from "../virtual/world.ts";
import { heavy, offerMany, statuses } from "./pool_offers.ts";

/** A world whose workers are up, and where a job of `heavy` is known to take 10 ms. */
async function createWarmWorld(cpuParallelism: number): Promise<World> {
  const world = await createWorld({ cpuParallelism, minWorkers: cpuParallelism });
  offerMany(world, 4, { ms: 10 });
  world.clock.runUntil(world.clock.now() + 200);
  return world;
}

test("one call follows another that is not short, and goes on without a gap", async () => {
  const world = await createWarmWorld(1);
  const before = world.ports.calls.length;
  const jobs = offerMany(world, 4, { ms: 10 });
  assert.equal(world.ports.calls.length - before, 2, "one runs, one waits in the worker");
  world.clock.advance(10);
  assert.equal(world.ports.calls.length - before, 3);
  world.clock.advance(30);
  assert.deepEqual(statuses(jobs), ["completed", "completed", "completed", "completed"]);
});

for (
  const [what, head, next] of [
    ["a short call", {}, { computeCost: 10_000 }],
    ["a call that takes long", {}, { computeCost: 300_000 }],
    ["a call behind one that takes long", { computeCost: 300_000 }, {}],
    ["a call with a budget", {}, { latencyBudgetMs: 1_000 }],
  ] as const
) {
  test(`${what} waits in the queue while one that is not short runs`, async () => {
    const world = await createWarmWorld(1);
    const before = world.ports.calls.length;
    offer(world, "shared", { ms: 10 }, { ...heavy, ...head });
    const job = offer(world, "shared", { ms: 10 }, { ...heavy, ...next });
    assert.equal(world.ports.calls.length - before, 1);
    world.clock.run();
    assert.equal(job.status, "completed");
  });
}

test("a call that follows another is taken over by a worker that has nothing else to do", async () => {
  const world = await createWarmWorld(2);
  const before = world.ports.revoked.length;
  const [late, ...others] = [100, 10, 10, 10].map((ms) => offer(world, "shared", { ms }, heavy));
  world.clock.advance(32);
  assert.deepEqual(statuses(others), ["completed", "completed", "completed"]);
  assert.equal(late.status, "pending");
  assert.equal(world.ports.revoked.length - before, 1);
  world.clock.run();
  assert.equal(late.status, "completed");
});

test("calls queued before anything was known of their kind are handed ahead once it is", async () => {
  const world = await createWorld({ cpuParallelism: 1, minWorkers: 1 });
  world.clock.advance(200);
  const before = world.ports.calls.length;
  const jobs = offerMany(world, 100, { ms: 0.01 });
  assert.equal(world.ports.calls.length - before, 1);
  world.clock.advance(0.01);
  assert.ok(world.ports.calls.length - before > 3, "as many as it has room for");
  world.clock.run();
  assert.equal(world.router.stats().load.poolWorkMs, 0);
  assert.ok(jobs.every((job) => job.status === "completed"));
});
