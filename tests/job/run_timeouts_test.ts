import assert from "node:assert/strict";
import { test } from "node:test";
import { JobTimeoutError } from "../../mod.ts";
import { observing } from "../policy/wishes.ts";
import { createWorld, defineSet, offer, type World } from "../virtual/world.ts";

/** A world of one worker, whose kind has a run timeout of its own. */
function createLimitedWorld(runTimeoutMs: number): Promise<World> {
  const kinds = { shared: { run: () => 0, runTimeoutMs } };
  return createWorld({
    jobs: defineSet(kinds, "virtual:tasks"),
    cpuParallelism: 1,
    minWorkers: 1,
    quarantineAfter: 1,
  });
}

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

test("abortAfterMs counts from the start of the run, and leaves the worker alone", async () => {
  const world = await createWorld({ cpuParallelism: 1, minWorkers: 1, abortGraceMs: 1 });
  const before = offer(world, "shared", { ms: 30 });
  const told = offer(world, "shared", { ms: 1_000 }, { abortAfterMs: 20 });
  world.clock.advance(49);
  assert.deepEqual([before.status, told.status], ["completed", "pending"]);
  world.clock.advance(2);
  assert.equal(told.story, "cpu_pool timedOut");
  const { value } = told.job!;
  assert.ok(value instanceof JobTimeoutError && value.runTimeoutMs === 20);
  const next = offer(world, "shared", {});
  world.clock.run();
  assert.equal(next.status, "completed");
  assert.equal(world.ports.all.length, 1);
  assert.ok(world.clock.now() > 1_000, "the worker went on");
});

test("abortAfterMs tells the job to stop, wherever it runs", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const there = offer(world, "shared", { ms: 1_000, heeds: true }, { abortAfterMs: 20 });
  const here = { ms: 100, later: true };
  const inline = offer(world, "local", here, { computeCost: 1, abortAfterMs: 20 });
  world.clock.advance(30);
  const next = offer(world, "shared", {});
  world.clock.advance(10);
  assert.deepEqual([there, inline, next].map(({ story }) => story), [
    "cpu_pool timedOut",
    "inline timedOut",
    "cpu_pool completed",
  ]);
  world.clock.run();
});

test("a job that is aborted by its caller keeps no abortAfterMs that would end its worker", async () => {
  const world = await createWorld({ cpuParallelism: 1, minWorkers: 1 });
  const controller = new AbortController();
  const { signal } = controller;
  offer(world, "shared", { ms: 1_000 }, { abortAfterMs: 20, signal });
  world.clock.advance(5);
  controller.abort();
  world.clock.run();
  assert.equal(world.ports.all.length, 1);
});

test("the run timeout of a kind ends a worker in its own time, after abortAfterMs, too", async () => {
  const world = await createLimitedWorld(100);
  const told = offer(world, "shared", { ms: 1e6 }, { abortAfterMs: 20 });
  world.clock.advance(21);
  assert.equal(told.story, "cpu_pool timedOut");
  world.clock.advance(100 - 21 + 49);
  assert.equal(world.ports.all[0].isDead, false);
  world.clock.advance(3);
  assert.equal(world.ports.all[0].isDead, true);
  const next = offer(world, "shared", {});
  world.clock.run();
  assert.equal(next.status, "completed", "its caller's limit says nothing about the kind");
});

test("a worker that a run timeout ends counts against the kind only if it is the kind's", async () => {
  for (
    const [hints, wanted] of [
      [{}, "backpressure_drop dropped kind_quarantined"],
      [{ abortAfterMs: 200 }, "backpressure_drop dropped kind_quarantined"],
      [{ runTimeoutMs: 50 }, "cpu_pool completed"],
      [{ runTimeoutMs: 200 }, "cpu_pool completed"],
    ] as const
  ) {
    const world = await createLimitedWorld(100);
    const told = offer(world, "shared", { ms: 1e6 }, hints);
    world.clock.advance(300);
    assert.equal(told.story, "cpu_pool timedOut");
    assert.equal(world.ports.all[0].isDead, true);
    const next = offer(world, "shared", {});
    world.clock.run();
    assert.equal(next.story, wanted, JSON.stringify(hints));
  }
});
