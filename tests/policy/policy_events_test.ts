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
  const { job: _job, decision: _decision, prediction: _prediction, ...figures } = settle;
  assert.deepEqual(figures, {
    type: "settle",
    strategy: "batch",
    nowMs: 16,
    status: "completed",
    waitMs: 6,
    runMs: 10,
    busyMs: 10,
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

test("Policy.observe() is told what a job was routed on, as it was then", async () => {
  const shared = { strategy: "cpu_pool" as const, reason: "wish", predictedRunMs: 1 };
  const { policy, events } = observing({ decide: () => shared });
  const world = await createWorld({ policy, cpuParallelism: 1 });
  for (const ms of [4, 8, 8]) offer(world, "shared", { ms }, { computeCost: 1 });
  shared.predictedRunMs = 2; // the policy goes on to use its object
  world.clock.run();
  offer(world, "shared", { ms: 100 }, { computeCost: 2 });
  world.clock.run();
  const settles = events.filter((event) => event.type === "settle");
  assert.deepEqual(settles.map(({ decision }) => decision), [
    ...Array(3).fill({ strategy: "cpu_pool", reason: "wish", predictedRunMs: 1 }),
    { strategy: "cpu_pool", reason: "wish", predictedRunMs: 2 },
  ]);
  const known = settles.map(({ prediction }) => [
    prediction!.samples,
    Math.round(3 * prediction!.typicalMs),
  ]);
  // Twice the cost takes twice as long, for all that is known.
  assert.deepEqual(known, [[0, NaN], [0, NaN], [0, NaN], [3, 2 * (4 + 8 + 8)]]);
  const others = events.filter((event) => event.type !== "settle");
  assert.ok(others.every((event) => event.decision === undefined));
});

test("Policy.observe() is told the decision of the lane that sent a job elsewhere", async () => {
  const { policy, events } = observing();
  const world = await createWorld({ policy });
  offer(world, "local", {}, { priority: 2 }); // its kind has no module
  world.clock.run();
  const { decision } = events.find((event) => event.type === "settle")!;
  assert.deepEqual(decision, { strategy: "spawn", reason: "no_module" });
});

test("Policy.observe() is told how long a run took that was stopped, or lost", async () => {
  const { policy, events } = observing();
  const world = await createWorld({ policy, cpuParallelism: 1, minWorkers: 1, batchMaxSize: 2 });
  const settle = () => {
    const { status, waitMs, runMs, busyMs } = events.findLast(({ type }) => type === "settle")!;
    return [status, waitMs, runMs, busyMs];
  };
  const controller = new AbortController();
  const { signal } = controller;
  offer(world, "shared", { ms: 50, heeds: true }, { priority: 2, signal });
  world.clock.advance(20);
  controller.abort();
  assert.deepEqual(settle(), ["cancelled", 0, 20, undefined]);
  world.clock.run();
  offer(world, "shared", { ms: 9 }, { priority: 2 });
  offer(world, "shared", { ms: 50, heeds: true }, { priority: 2, runTimeoutMs: 30 });
  world.clock.run();
  assert.deepEqual(settle(), ["timedOut", 9, 30, undefined]);
  offer(world, "shared", { ms: 7, end: "crash" }, { priority: 2 });
  world.clock.run();
  assert.deepEqual(settle(), ["failed", 0, 7, undefined]);
  // It begins, is lost, waits again, and is aborted before it begins again.
  const again = new AbortController();
  offer(world, "steady_group", { end: "crash" }, { priority: 3 });
  const told = offer(world, "steady_group", {}, { priority: 3, signal: again.signal });
  const { policy: _policy, ...rest } = world.router.stats();
  assert.equal(rest.inFlight, 2);
  while (events.filter(({ type, job }) => type === "enqueue" && job.id === 5).length < 2) {
    world.clock.step();
  }
  again.abort();
  assert.equal(told.status, "cancelled");
  assert.deepEqual(settle().slice(2), [undefined, undefined]);
  world.clock.run();
});
