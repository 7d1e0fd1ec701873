import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld, offer } from "../virtual/world.ts";
import { observing } from "./wishes.ts";

test("Policy.observe() is told of enqueue, start and settle in order, once each", async () => {
  const { policy, of } = observing();
  const world = await createWorld({ policy, cpuParallelism: 1 });
  const kinds = ["group", "group", "group", "group", "group"];
  kinds.forEach((kind, priority) => offer(world, kind, {}, { priority }));
  const controller = new AbortController();
  const { signal } = controller;
  offer(world, "shared", { end: "crash" }, { priority: 2 }); // 6
  offer(world, "shared", {}, { priority: 2, signal }); // 7
  offer(world, "shared", { ms: 50 }, { priority: 2, latencyBudgetMs: 1 }); // 8
  offer(world, "shared", { end: "throw" }, { priority: 0 }); // 9
  controller.abort();
  world.clock.run();
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map(of), [
    "start settle",
    "enqueue start settle",
    "enqueue start settle",
    "enqueue start settle",
    "settle",
    "enqueue start settle",
    "enqueue settle",
    "enqueue settle",
    "start settle",
  ]);
});

test("Policy.observe() is told again of a job that is tried again", async () => {
  const { policy, of } = observing();
  const world = await createWorld({ policy, batchMaxSize: 2 });
  offer(world, "steady_group", { end: "crash" }, { priority: 3 });
  offer(world, "steady_group", {}, { priority: 3 });
  world.clock.run();
  assert.deepEqual([1, 2].map(of), Array(2).fill("enqueue start enqueue start settle"));
});

test("Policy.observe() is told when, where, and how long", async () => {
  const { policy, events } = observing();
  const world = await createWorld({ policy, batchMaxSize: 2 });
  offer(world, "group", { ms: 4 }, { priority: 3, computeCost: 7 });
  world.clock.advance(5);
  offer(world, "group", { ms: 6 }, { priority: 3 });
  world.clock.run();
  const [first] = events;
  assert.deepEqual(
    [first.type, first.nowMs, first.strategy, first.status],
    ["enqueue", 0, "batch", undefined],
  );
  assert.equal(first.job.computeCost, 7);
  assert.equal(first.job.kind.name, "group");
  const settle = events.find((event) => event.type === "settle")!;
  const { job: _job, ...figures } = settle;
  assert.deepEqual(figures, {
    type: "settle",
    strategy: "batch",
    nowMs: 16,
    status: "completed",
    waitMs: 6,
    runMs: 10,
    batchSize: 2,
  });
});

test("Policy.observe() hears no times of a job that did not run", async () => {
  const { policy, events } = observing();
  const world = await createWorld({ policy });
  offer(world, "shared", {}, { priority: 4 });
  assert.deepEqual([events[0].status, events[0].waitMs, events[0].runMs], [
    ...["dropped", undefined, undefined],
  ]);
});

test("Policy.observe() that aborts the job it hears of leaves no job unsettled", async () => {
  const lanes = [["local", 1], ["shared", 2], ["group", 3], ["local_group", 3]] as const;
  for (const [kind, priority] of lanes) {
    const controller = new AbortController();
    const { policy } = observing({
      observe(_state, event) {
        if (event.type === "enqueue") controller.abort("policy");
      },
    });
    const world = await createWorld({ policy, batchMaxSize: 1 });
    const told = offer(world, kind, {}, { priority, signal: controller.signal });
    world.clock.run();
    assert.deepEqual([told.status, told.job?.value], ["cancelled", "policy"], kind);
    const { load, inFlight, listenerErrors } = world.router.stats();
    assert.deepEqual([load.spawnWaiting, load.poolWaiting, load.batchWaiting], [0, 0, 0], kind);
    assert.deepEqual([inFlight, listenerErrors, world.ports.calls.length], [0, 0, 0], kind);
  }
});
