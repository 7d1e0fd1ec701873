// Which jobs are not begun any more, by how long they have waited and are expected to run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createWorld, offer } from "../virtual/world.ts";

for (
  const [waitMs, runMs, latencyBudgetMs, story] of [
    // It has hardly waited: up to half of its run.
    [15, 30, 20, "cpu_pool completed"],
    [16, 30, 20, "cpu_pool dropped expired"],
    // It can just end in time.
    [20, 30, 50, "cpu_pool completed"],
    [21, 30, 50, "cpu_pool dropped expired"],
  ] as const
) {
  test(`a job of ${runMs} ms with ${latencyBudgetMs} ms after ${waitMs} ms: ${story}`, async () => {
    const policy = forcedPolicy("cpu_pool");
    const world = await createWorld({ policy, cpuParallelism: 1, minWorkers: 1 });
    const run = (ms: number, options = {}) =>
      offer(world, "shared", { ms }, { computeCost: ms, ...options });
    run(1); // so that a job is known to run as many ms as it costs
    world.clock.advance(1);
    run(waitMs);
    const told = run(runMs, { latencyBudgetMs });
    world.clock.run();
    assert.equal(told.story, story);
  });
}

test("a job begins as long as its budget is not over", async () => {
  for (const [occupiedMs, story] of [[20, "completed"], [20.5, "dropped expired"]] as const) {
    const world = await createWorld({ policy: forcedPolicy("spawn") });
    const told = offer(world, "local", {}, { latencyBudgetMs: 20 });
    world.clock.occupy(occupiedMs);
    world.clock.run();
    assert.equal(told.story, `spawn ${story}`);
  }
});

test("a job that waits for nothing begins, however short its budget is for its run", async () => {
  const policy = forcedPolicy("cpu_pool");
  const world = await createWorld({ policy, cpuParallelism: 1, minWorkers: 1 });
  const jobs = [1, 2].map(() => {
    const told = offer(world, "shared", { ms: 30 }, { computeCost: 1, latencyBudgetMs: 20 });
    world.clock.advance(30);
    return told;
  });
  assert.deepEqual(jobs.map(({ story }) => story), Array(2).fill("cpu_pool completed"));
});
