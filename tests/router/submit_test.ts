import assert from "node:assert/strict";
import { test } from "node:test";
import {
  JobDroppedError,
  JobFailedError,
  UnknownKindError,
  WorkerCrashedError,
} from "../../mod.ts";
import type { AnyKind } from "../../src/define/jobs.ts";
import {
  completed,
  createWorld,
  defineSet,
  offer,
  type Task,
  type World,
} from "../virtual/world.ts";
import { heavy, medium, task, tiny } from "./sized_tasks.ts";

/** Settles a promise on the virtual clock; what it became. */
async function settle<T>({ clock }: Pick<World, "clock">, promise: Promise<T>): Promise<T> {
  const [result] = await Promise.allSettled([promise, clock.runAsync()]);
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

test("submit() resolves to the output with strategy and timing, the same on every lane", async () => {
  const world = await createWorld();
  const outcomes = await settle(
    world,
    Promise.all([
      world.router.submit("local", task, tiny),
      world.router.submit("shared", task, medium),
      world.router.submit("shared", task, heavy),
      world.router.submit("group", task, { ...heavy, scalingPotential: 1 }),
      world.router.submit("local_group", task, { ...heavy, scalingPotential: 1 }),
    ]),
  );
  const strategies = outcomes.map((outcome) => completed(outcome).strategy);
  assert.deepEqual(strategies, ["inline", "spawn", "cpu_pool", "batch", "batch"]);
  for (const outcome of outcomes.map(completed)) {
    assert.deepEqual([outcome.output, outcome.withinBudget], [6, true]);
    const { waitMs, runMs, totalMs } = outcome.timing;
    assert.deepEqual([runMs, waitMs + runMs], [2, totalMs]);
  }
});

test("submit() resolves to a drop, with a reason and when to try again", async () => {
  const world = await createWorld({ cpuQueueCapacity: 1, cpuParallelism: 1 });
  for (let i = 0; i < 2; i++) void world.router.submit("shared", task, heavy);
  const outcome = await world.router.submit("shared", task, heavy);
  assert.deepEqual(outcome, {
    status: "dropped",
    strategy: "backpressure_drop",
    reason: "pool_saturated",
    retryAfterMs: 100,
  });
  await world.clock.runAsync();
});

test("submit() rejects with JobFailedError and the cause, the same on every lane", async () => {
  const world = await createWorld();
  const throws: Task = { id: 3, ms: 1, end: "throw" };
  for (const hints of [tiny, medium, heavy, { ...heavy, scalingPotential: 1 }]) {
    for (const kind of ["group", "local_group"]) {
      await assert.rejects(settle(world, world.router.submit(kind, throws, hints)), (error) => {
        assert.ok(error instanceof JobFailedError);
        assert.equal(error.kind, kind);
        assert.equal((error.cause as Error).message, "task 3");
        return true;
      });
    }
  }
  assert.equal(world.router.stats().failed, 8);
});

test("submit() rejects with WorkerCrashedError when the worker dies", async () => {
  const world = await createWorld();
  const promise = world.router.submit("shared", { id: 1, ms: 100 }, heavy);
  world.clock.advance(10);
  world.ports.all[0].die(new WorkerCrashedError("Worker exited with code 7", 7));
  await assert.rejects(promise, { name: "WorkerCrashedError", exitCode: 7 });
});

test("submit() with a transient drop, abort or failure never leaves a rejection unhandled", async () => {
  const world = await createWorld();
  const controller = new AbortController();
  const promise = world.router.submit("shared", task, { ...heavy, signal: controller.signal });
  controller.abort();
  await assert.rejects(promise, { name: "AbortError" });
  await world.clock.runAsync();
});

test("submit() tells when to try again: soon here, late where workers are lost", async () => {
  const here = await createWorld({ spawnQueueCapacity: 1 });
  void here.router.submit("local", task, medium);
  const full = await here.router.submit("local", task, medium);
  assert.deepEqual(full, {
    status: "dropped",
    strategy: "backpressure_drop",
    reason: "lane_full",
    retryAfterMs: 100,
  });
  const world = await createWorld({ cpuParallelism: 1, maxLostWorkers: 1 });
  offer(world, "shared", { end: "lost" }, heavy);
  world.clock.run();
  const lost = await world.router.submit("shared", task, heavy);
  assert.deepEqual(lost, {
    status: "dropped",
    strategy: "backpressure_drop",
    reason: "workers_lost",
    retryAfterMs: 60_000,
  });
  here.clock.run();
});

test("run() gives the output itself, and throws JobDroppedError for a drop", async () => {
  const world = await createWorld({ cpuQueueCapacity: 1, cpuParallelism: 1 });
  assert.equal(await world.router.run("local", task, tiny), 6);
  for (let i = 0; i < 2; i++) void world.router.submit("shared", task, heavy);
  await assert.rejects(world.router.run("shared", task, heavy), (error) => {
    assert.ok(error instanceof JobDroppedError);
    const { kind, reason, retryAfterMs } = error;
    assert.deepEqual([kind, reason, retryAfterMs], ["shared", "pool_saturated", 100]);
    return true;
  });
  await world.clock.runAsync();
});

test("submit() refuses an unknown kind, by rejection", async () => {
  const { router } = await createWorld();
  for (const kind of ["nope", "", "__proto__", "constructor", undefined, null, 7, Symbol("x")]) {
    await assert.rejects(router.submit(kind as string, task), (error) => {
      assert.ok(error instanceof UnknownKindError);
      assert.deepEqual(error.known, ["local", "local_group", "shared", "group", "steady_group"]);
      return true;
    });
  }
  assert.deepEqual(router.stats().rejected, { unknown_kind: 8 });
  assert.equal(router.stats().submitted, 0);
});

test("a function without a name, given as a kind, is told of as a function", async () => {
  const { router } = await createWorld();
  await assert.rejects(
    router.submit((() => 1) as never, task),
    /^UnknownKindError: Kind function is not/,
  );
});

test("an unknown kind is told of by all that take one, with the nearest there is", async () => {
  const { router } = await createWorld();
  const message = 'Kind "share" is not one of the kinds. Did you mean shared? They are ' +
    "local, local_group, shared, group, steady_group";
  await assert.rejects(router.submit("share", task), { name: "UnknownKindError", message });
  assert.throws(() => router.explain("share", task), { message });
  assert.throws(() => router.describe("share"), { message });
  assert.throws(() => router.map("share", []), { message });
});

test("asynchronous jobs settle on the virtual clock, whatever turns their promises take", async () => {
  let runs = 0;
  const kinds: Record<string, AnyKind> = {
    deep: {
      run: async () => {
        for (let i = 0; i < 200; i++) await null;
        return ++runs;
      },
    },
  };
  const world = await createWorld({ jobs: defineSet(kinds) });
  const jobs = [1, 10_000, 100_000].map((computeCost) => offer(world, "deep", {}, { computeCost }));
  await world.clock.runAsync();
  assert.ok(jobs.every((job) => job.status === "completed"));
  assert.equal(runs, 3);
});
