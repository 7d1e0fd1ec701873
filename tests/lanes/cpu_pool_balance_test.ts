// How busy workers are looked after: what is handed to them, what is taken back, what is read.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { World } from "../virtual/world.ts";
import { createKnownWorld, run } from "./known_world.ts";

/** Whether a job is handed to the only worker, which is on another. */
function isHandedAhead(world: World, expectedMs: number, options = {}): boolean {
  const before = world.ports.calls.length;
  run(world, expectedMs, {}, options);
  return world.ports.calls.length > before;
}

for (
  const [headMs, nextMs, isHanded] of [
    [19, 10, true],
    [21, 10, false],
    [10, 19, true],
    [10, 21, false],
    [2, 10, true],
    [10, 2, true],
  ] as const
) {
  const does = isHanded ? "follows" : "does not follow";
  test(`a call of ${nextMs} ms ${does} one of ${headMs} ms`, async () => {
    const world = await createKnownWorld(1);
    run(world, headMs);
    assert.equal(isHandedAhead(world, nextMs), isHanded);
    world.clock.run();
  });
}

test("a call of 2 ms is not short, so with a budget it waits in the queue", async () => {
  const world = await createKnownWorld(1);
  run(world, 10);
  assert.equal(isHandedAhead(world, 2, { latencyBudgetMs: 1_000 }), false);
  world.clock.run();
});

test("a worker is handed no more calls once its call has run for 2 ms", async () => {
  const world = await createKnownWorld(1);
  run(world, 0.5, { ms: 100 });
  world.clock.advance(1.5);
  assert.equal(isHandedAhead(world, 0.5), true);
  world.clock.advance(0.5);
  assert.equal(isHandedAhead(world, 0.5), false);
  world.clock.run();
});

test("a call that could not be sent leaves the time of the one before it as it is", async () => {
  const world = await createKnownWorld(1);
  run(world, 0.5, { ms: 100 });
  world.clock.advance(1);
  assert.equal(run(world, 0.5, { end: "uncloneable" }).status, "failed");
  world.clock.advance(1);
  assert.equal(isHandedAhead(world, 0.5), false);
  world.clock.run();
});

test("a worker is handed no more calls than maxJobsPerWorker lets it run", async () => {
  const world = await createKnownWorld(1, { maxJobsPerWorker: 4 });
  for (let i = 0; i < 3 + 4 + 1; i++) run(world, 0.1); // it has run one
  world.clock.run();
  const { started, recycled } = world.router.stats().workers;
  assert.deepEqual([started, recycled], [3, 2]);
});

test("a call behind one that runs late goes to a worker that has idled for 1 ms", async () => {
  const world = await createKnownWorld(3);
  run(world, 1);
  const late = run(world, 0.5, { ms: 5 });
  run(world, 0.5);
  const behind = run(world, 0.5);
  world.clock.advance(5);
  // 0.5 until a worker idles, 1 until it is looked at, 0.5 of work
  assert.deepEqual([behind.job?.totalMs, late.job?.totalMs], [2, 5]);
  assert.equal(world.ports.revoked.length, 1);
  const closed = world.router.close();
  world.clock.advance(1);
  assert.equal(world.clock.pending, 0, "no look is left to be taken");
  await closed;
});

test("a call behind one that runs late stays where it is while no worker idles", async () => {
  const world = await createKnownWorld(1);
  run(world, 0.5, { ms: 50 });
  run(world, 0.5);
  world.clock.run();
  assert.deepEqual(world.ports.revoked, []);
});

test("a call behind one that is hardly late stays where it is", async () => {
  const world = await createKnownWorld(2);
  run(world, 1.4, { ms: 1.55 });
  run(world, 0.5);
  run(world, 0.5);
  world.clock.run();
  assert.deepEqual(world.ports.revoked, []);
});

test("a call behind one that is not short goes to an idle worker, late or not", async () => {
  const world = await createKnownWorld(2);
  run(world, 10);
  run(world, 0.5);
  const behind = run(world, 10);
  world.clock.run();
  assert.equal(behind.job?.totalMs, 0.5 + 1 + 10);
});

test("a result is read within 10 ms though its worker is on a call that was thought short", async () => {
  const world = await createKnownWorld(1, { model: { isQuiet: true } });
  const told = run(world, 0.5);
  run(world, 0.5, { ms: 50 });
  world.clock.run();
  assert.equal(told.job?.totalMs, 10);
});

test("a worker is handed no more calls than it has room for", async () => {
  const world = await createKnownWorld(1);
  for (let i = 0; i < 6; i++) run(world, 0.01, { ms: 1 });
  assert.equal(world.ports.calls.length, 1 + 4);
  world.clock.run();
  assert.deepEqual([world.ports.violations, world.ports.calls.length], [[], 1 + 6]);
});

test("a worker is replaced once its heap is above maxWorkerHeapBytes, not at it", async () => {
  const heapPerCall = 2 ** 24;
  const world = await createKnownWorld(1, {
    maxWorkerHeapBytes: 3 * heapPerCall,
    model: { heapPerCall },
  });
  const recycled = [1, 2, 3].map(() => { // it has run one
    run(world, 10);
    world.clock.advance(10);
    return world.router.stats().workers.recycled;
  });
  assert.deepEqual(recycled, [0, 0, 1]);
  world.clock.run();
});
