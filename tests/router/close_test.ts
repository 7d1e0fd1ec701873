import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRouter,
  defineJobs,
  InvalidOptionError,
  type Outcome,
  RouterClosedError,
  thresholdPolicy,
} from "../../mod.ts";
import { macrotask, WatchedClock } from "../virtual/clock.ts";
import { completed, createWorld, offer, type World } from "../virtual/world.ts";
import { isOpen } from "./is_open.ts";
import { heavy, medium, task, tiny } from "./sized_tasks.ts";

test("drain() resolves when nothing is in flight, and the router stays open", async () => {
  const world = await createWorld();
  const idle = world.router.drain();
  world.clock.run();
  await idle;
  offer(world, "shared", { ms: 50 }, heavy);
  const drained = world.router.drain();
  world.clock.advance(50);
  assert.ok(await isOpen(drained));
  world.clock.advance(1);
  await drained;
  assert.equal(offer(world, "local", {}, tiny).status, "completed");
  assert.equal(world.router.closed, false);
});

test("close() lets jobs end, refuses new ones, and leaves nothing behind", async () => {
  const world = await createWorld({ minWorkers: 1, model: { endMs: 0 } });
  const jobs = [
    offer(world, "shared", { ms: 53 }, { ...heavy, latencyBudgetMs: 1_000 }),
    offer(world, "local", { ms: 5 }, { ...medium, latencyBudgetMs: 1_000 }),
    offer(world, "group", { ms: 5 }, { ...heavy, scalingPotential: 1 }),
  ];
  const closed = world.router.close();
  assert.equal(world.router.closed, true);
  await assert.rejects(world.router.submit("local", task), RouterClosedError);
  assert.equal(offer(world, "local", {}, tiny).status, "refused");
  assert.deepEqual(world.router.stats().rejected, { closed: 2 });
  assert.equal(await settleAndCount(world, closed), 0, "nothing is left in the clock");
  assert.ok(jobs.every((job) => job.status === "completed"));
  assert.equal(world.ports.alive.length, 0);
});

/** Runs turn by turn until the promise has settled; what is left in the clock at that moment. */
async function settleAndCount({ clock }: World, promise: Promise<unknown>): Promise<number> {
  while (await isOpen(promise)) if (!clock.step()) assert.fail("the promise never settles");
  return clock.pending;
}

test("close() cancels what has not ended after drainMs", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const jobs = [
    offer(world, "shared", { ms: 1_000 }, heavy),
    offer(world, "shared", { ms: 1_000 }, heavy),
    offer(world, "local", { ms: 1_000, later: true }, tiny),
    offer(world, "local", { ms: 1_000, later: true }, medium),
    offer(world, "group", { ms: 1_000 }, { ...heavy, scalingPotential: 1 }),
  ];
  const closed = world.router.close({ drainMs: 100 });
  world.clock.runUntil(99);
  assert.ok(jobs.every((job) => job.status === "pending"));
  world.clock.runUntil(100);
  for (const { job } of jobs) {
    assert.equal(job?.status, "cancelled");
    assert.ok(job.value instanceof RouterClosedError);
  }
  world.clock.advance(1);
  await closed;
  assert.equal(world.ports.alive.length, 0);
});

test("close() with drainMs 0 cancels in the next turn", async () => {
  const world = await createWorld();
  const told = offer(world, "shared", { ms: 10 }, heavy);
  const closed = world.router.close({ drainMs: 0 });
  world.clock.advance(0);
  assert.equal(told.status, "cancelled");
  world.clock.advance(1);
  await closed;
});

test("close() again waits for the same end", async () => {
  const world = await createWorld({ minWorkers: 1 });
  const first = world.router.close();
  assert.equal(world.router.close({ drainMs: 1 }), first);
  assert.equal(world.router[Symbol.asyncDispose](), first);
  await settleAndCount(world, first);
  assert.equal(world.router.close(), first);
});

test("close() takes any drainMs that a timer can hold", async () => {
  for (const drainMs of [0, 0.5, 2_147_483_647]) {
    const world = await createWorld();
    await world.router.close({ drainMs });
    assert.equal(world.clock.pending, 0);
  }
});

test("close() refuses a drainMs out of range, and the router stays open", async () => {
  const { router } = await createWorld();
  for (const drainMs of [-1, NaN, Infinity, 2_147_483_648, "5", null] as number[]) {
    await assert.rejects(router.close({ drainMs }), (error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.equal(error.option, "drainMs");
      return true;
    });
  }
  assert.equal(router.closed, false);
  await router.submit("local", task, tiny);
});

test("a router disposes of itself", async () => {
  const clock = new WatchedClock();
  let outcome: Outcome<number> | undefined;
  const jobs = defineJobs({ five: { cost: 1, run: () => 5 } });
  const router = await createRouter({ jobs, clock, policy: thresholdPolicy() });
  {
    await using own = router;
    outcome = await own.submit("five", undefined);
  }
  assert.equal(completed(outcome).output, 5);
  assert.equal(router.closed, true);
});

test("close() ends after what has been posted to a later turn", async () => {
  const world = await createWorld();
  offer(world, "local", { ms: 7 }, { computeCost: 1 }); // a good part of the slice of its turn
  let isClosed = false;
  const closing = world.router.close().then(() => isClosed = true);
  await macrotask();
  assert.equal(isClosed, false);
  await world.clock.runAsync();
  await closing;
  assert.equal(world.clock.pending, 0);
});
