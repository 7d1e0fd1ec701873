import assert from "node:assert/strict";
import { test } from "node:test";
import { observing } from "../policy/wishes.ts";
import { createWorld, offer } from "../virtual/world.ts";

test("RunTimeouts leaves no timer of a job that is over", async () => {
  const world = await createWorld();
  const jobs = [
    offer(world, "local", {}, { computeCost: 1, runTimeoutMs: 1e6 }),
    offer(world, "shared", {}, { computeCost: 1e5, runTimeoutMs: 1e6 }),
  ];
  world.clock.run();
  assert.deepEqual(jobs.map(({ story }) => story), ["inline completed", "cpu_pool completed"]);
  assert.ok(world.clock.now() < 1e6);
});

test("RunTimeouts sets no timer for a job that is aborted as it starts", async () => {
  const controller = new AbortController();
  const { policy } = observing({
    observe: (_state, { type }) => type === "start" && controller.abort(),
  });
  const world = await createWorld({ policy });
  const hints = { priority: 2, runTimeoutMs: 1e6 };
  const told = offer(world, "shared", {}, { ...hints, signal: controller.signal });
  world.clock.run();
  assert.equal(told.status, "cancelled");
  assert.ok(world.clock.now() < 1e6);
});

test("RunTimeouts reads a result that has arrived rather than end its job", async () => {
  const world = await createWorld({
    cpuParallelism: 1,
    minWorkers: 1,
    model: { isQuiet: true },
    policy: observing().policy,
  });
  const short = { computeCost: 1, priority: 2 };
  offer(world, "shared", {}, short);
  world.clock.advance(1); // such a job is known to be short
  const told = offer(world, "shared", {}, { ...short, runTimeoutMs: 5 });
  offer(world, "shared", { ms: 50 }, short);
  world.clock.run();
  assert.deepEqual([told.story, told.job?.totalMs], ["cpu_pool completed", 5]);
});
