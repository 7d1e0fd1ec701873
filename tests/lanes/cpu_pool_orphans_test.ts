// What becomes of calls that a dying worker held but had not begun.
import assert from "node:assert/strict";
import { test } from "node:test";
import { WorkerCrashedError } from "../../mod.ts";
import { observing } from "../policy/wishes.ts";
import { createWorld, offer, type World, type WorldOptions } from "../virtual/world.ts";
import { heavy, offerMany, statuses } from "./pool_offers.ts";

/** One worker, which is up, and begins a call 5 ms after it was sent. */
function createSleepyWorld(options: WorldOptions = {}): Promise<World> {
  return createWorld({ cpuParallelism: 1, minWorkers: 1, model: { wakeMs: 5 }, ...options });
}

test("a call whose worker dies before it began waits and starts again", async () => {
  const { policy, of } = observing();
  const world = await createSleepyWorld({ policy });
  const told = offer(world, "shared", {}, { priority: 2 });
  world.ports.all[0].die(new Error("gone"));
  const { load } = world.router.stats();
  assert.deepEqual([load.poolWaiting, load.poolRunning], [1, 0]);
  world.clock.run();
  assert.equal(told.status, "completed");
  assert.equal(of(1), "enqueue start enqueue start settle");
  assert.equal(world.router.stats().load.poolWaiting, 0);
});

test("a call that waited in a dying worker goes on waiting, and its policy hears nothing", async () => {
  const { policy, of } = observing();
  const world = await createWorld({ policy, cpuParallelism: 1, minWorkers: 1 });
  const cost = { computeCost: 1, priority: 2 };
  offer(world, "shared", { ms: 1 }, cost);
  world.clock.advance(10); // such a job is known to be short
  const [crashed, behind] = [
    offer(world, "shared", { end: "crash" }, cost),
    offer(world, "shared", {}, cost),
  ];
  assert.equal(world.ports.calls.length, 3, "both are with the worker");
  world.clock.run();
  assert.deepEqual(statuses([crashed, behind]), ["failed", "completed"]);
  assert.equal(of(3), "enqueue start settle");
  const { load } = world.router.stats();
  assert.deepEqual([load.poolWaiting, load.poolRunning], [0, 0]);
});

test("a call whose buffers went to a dying worker fails, though it had not begun", async () => {
  const world = await createSleepyWorld();
  const transfer = [new ArrayBuffer(8)];
  const told = offer(world, "shared", {}, { ...heavy, transfer });
  world.ports.all[0].die(new WorkerCrashedError("Worker exited with code 1", 1));
  assert.equal(told.story, "cpu_pool failed");
  assert.ok(told.job?.value instanceof WorkerCrashedError);
  world.clock.run();
  assert.equal(world.ports.calls.length, 1, "it is not sent again");
});

test("a worker whose last result comes with its end is given no further call", async () => {
  const world = await createWorld({ cpuParallelism: 1, minWorkers: 1 });
  const jobs = offerMany(world, 2, { ms: 10 });
  world.clock.occupy(10); // the first has ended, which nobody has heard yet
  world.ports.all[0].die(new Error("gone"));
  world.clock.run();
  assert.deepEqual(statuses(jobs), ["completed", "completed"]);
  assert.deepEqual([world.ports.violations, world.ports.all.length], [[], 2]);
});

test("a call that might have moved buffers, but has not, waits again", async () => {
  const world = await createSleepyWorld();
  const told = offer(world, "shared", {}, { ...heavy, transfer: [] });
  world.ports.all[0].die(new Error("gone"));
  world.clock.run();
  assert.equal(told.story, "cpu_pool completed");
});

test("a call fails once three workers have died before they began it", async () => {
  const world = await createSleepyWorld();
  const told = offer(world, "shared", {}, heavy);
  const sentTo = () => world.ports.calls.length;
  for (let deaths = 1; deaths <= 3; deaths++) {
    while (sentTo() < deaths) world.clock.step();
    assert.equal(told.status, "pending");
    world.ports.alive[0].die(new WorkerCrashedError("Worker exited with code 1", 1));
  }
  assert.equal(told.story, "cpu_pool failed");
  assert.ok(told.job?.value instanceof WorkerCrashedError);
});

/** Its worker tells nothing, has run the first of two calls, and dies in the second. */
const untold = { cpuParallelism: 1, minWorkers: 1, model: { isQuiet: true, losesUntold: true } };

test("a call that ended untold in a dying worker fails, and is not run again", async () => {
  const world = await createWorld({ ...untold, quarantineAfter: 2 });
  offer(world, "shared", { ms: 0.5 }, heavy);
  world.clock.advance(10); // such a job is known to be short
  const ended = offer(world, "shared", { ms: 0.5 }, heavy);
  const culprit = offer(world, "shared", { ms: 2, end: "crash" }, heavy);
  const behind = offer(world, "shared", { ms: 0.5 }, heavy);
  world.clock.run();
  assert.deepEqual(statuses([ended, culprit, behind]), ["failed", "failed", "completed"]);
  const error = ended.job!.value as WorkerCrashedError;
  assert.ok(error instanceof WorkerCrashedError);
  assert.match(error.message, /^Worker died before it had sent the result/);
  assert.match(`${(error.cause as Error).message}`, /model: crash/);
  assert.equal(world.ports.calls.length, 5, "only what had not begun was sent again");
  assert.equal(offer(world, "shared", {}).status, "pending", "one kill, and no quarantine");
});

test("a call of an idempotent kind that ended untold in a dying worker runs again", async () => {
  const world = await createWorld(untold);
  offer(world, "steady_group", { ms: 0.5 }, heavy);
  world.clock.advance(10);
  const ended = offer(world, "steady_group", { ms: 0.5 }, heavy);
  const culprit = offer(world, "steady_group", { ms: 2, end: "crash" }, heavy);
  world.clock.run();
  assert.deepEqual(statuses([ended, culprit]), ["completed", "failed"]);
});
