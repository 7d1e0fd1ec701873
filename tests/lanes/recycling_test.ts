// recycleWorkers(): one worker at a time is replaced, and no job is lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModelPort } from "../virtual/port.ts";
import type { Told, World, WorldOptions } from "../virtual/world.ts";
import { macrotask } from "../virtual/clock.ts";
import { createKnownWorld, run } from "./known_world.ts";

/** How a promise stands. */
interface Ending {
  status: "pending" | "replaced" | "failed";
  error?: unknown;
}

function recycle({ router }: World): Ending {
  const ending: Ending = { status: "pending" };
  router.recycleWorkers().then(
    () => ending.status = "replaced",
    (error) => Object.assign(ending, { status: "failed", error }),
  );
  return ending;
}

/** A pool with workers that are up, and the ports that were there at first. */
async function createPool(
  workers: number,
  options: WorldOptions = {},
): Promise<{ world: World; first: readonly ModelPort[] }> {
  const world = await createKnownWorld(workers, options);
  return { world, first: [...world.ports.alive] };
}

/** Steps until nothing is left to do; gives the least number of workers that were ready meanwhile. */
async function settle(world: World, ending: Ending): Promise<number> {
  let least = Infinity;
  while (ending.status === "pending" && world.clock.pending > 0) {
    world.clock.step();
    least = Math.min(least, world.router.load.workersReady);
    await macrotask();
  }
  return least;
}

function assertReplaced(world: World, first: readonly ModelPort[], ending: Ending): void {
  assert.deepEqual(ending, { status: "replaced" });
  assert.ok(first.every((port) => port.isDead));
  assert.equal(world.ports.alive.length, first.length);
  const { crashed, recycled } = world.router.stats().workers;
  assert.deepEqual([crashed, recycled], [0, first.length]);
  assert.deepEqual(world.ports.violations, []);
}

for (const minWorkers of [0, 3]) {
  test(`idle workers are replaced one after the other (minWorkers: ${minWorkers})`, async () => {
    const { world, first } = await createPool(3, { minWorkers });
    // Without minWorkers there is one, as one job has run.
    const ending = recycle(world);
    const least = await settle(world, ending);
    assertReplaced(world, first, ending);
    assert.equal(least, first.length - 1, "one at a time is missing");
  });
}

test("a router without workers has nothing to replace", async () => {
  const world = await createKnownWorld(1, { minWorkers: 0, idleTimeoutMs: 1 });
  world.clock.run();
  assert.equal(world.ports.alive.length, 0);
  const ending = recycle(world);
  await macrotask();
  assert.deepEqual(ending, { status: "replaced" });
  assert.equal(world.clock.pending, 0);
});

for (const depth of [1, 4]) {
  test(`workers are replaced under load, and every job is done once (depth ${depth})`, async () => {
    const { world, first } = await createPool(3, { model: { depth, startMs: 5 } });
    const jobs: Told[] = [];
    const submit = (ms: number): void => void jobs.push(run(world, ms));
    for (let i = 0; i < 60; i++) submit(0.5);
    for (let i = 0; i < 6; i++) submit(20);
    const ending = recycle(world);
    // Never without work: a worker that were handed calls ahead would never be free.
    let left = 200;
    while (ending.status === "pending" && world.clock.pending > 0) {
      while (left > 0 && jobs.filter((told) => told.status === "pending").length < 20) {
        submit(--left % 10 === 0 ? 5 : 0.5);
      }
      world.clock.step();
      await macrotask();
    }
    assert.ok(left > 0, "it takes no pause of the load");
    assertReplaced(world, first, ending);
    world.clock.run();
    assert.deepEqual(
      new Set(jobs.map((told) => `${told.story} ${told.jobs.length}`)),
      new Set([
        "cpu_pool completed 1",
      ]),
    );
    assert.equal(world.ports.begun.length, jobs.length + 1, "none ran twice");
  });
}

test("a worker that is on a long job is replaced last, and only then is it over", async () => {
  const { world, first } = await createPool(2);
  const long = run(world, 1_000);
  const short = run(world, 10);
  const ending = recycle(world);
  world.clock.advance(900);
  await macrotask();
  assert.deepEqual([short.status, long.status, ending.status], ["completed", "pending", "pending"]);
  assert.deepEqual(first.map((port) => port.isDead).sort(), [false, true]);
  const between = run(world, 1);
  world.clock.advance(2);
  assert.equal(between.status, "completed", "the new one works meanwhile");
  await settle(world, ending);
  assert.equal(long.status, "completed");
  assertReplaced(world, first, ending);
});

test("workers that idle are kept while others are replaced, and end in time afterwards", async () => {
  const options = { minWorkers: 0, idleTimeoutMs: 50 };
  const world = await createKnownWorld(2, options);
  const both = [run(world, 30), run(world, 500)];
  world.clock.advance(20);
  assert.equal(world.ports.alive.length, 2);
  const ending = recycle(world);
  world.clock.advance(400);
  assert.equal(both[0].status, "completed");
  assert.equal(world.router.stats().workers.started, 3, "no worker is started again and again");
  await settle(world, ending);
  assert.equal(ending.status, "replaced");
  assert.equal(world.ports.alive.length, 2);
  world.clock.run();
  assert.equal(world.ports.alive.length, 0);
  assert.equal(world.router.stats().workers.started, 4);
});

test("workers that are starting are replaced, too", async () => {
  const world = await createKnownWorld(2, { minWorkers: 1, model: { startMs: 10 } });
  const jobs = [run(world, 100), run(world, 100)];
  world.clock.advance(1);
  assert.equal(world.router.stats().workers.starting, 1);
  const first = [...world.ports.alive];
  const ending = recycle(world);
  await settle(world, ending);
  assertReplaced(world, first, ending);
  world.clock.run();
  assert.deepEqual(jobs.map((told) => told.status), ["completed", "completed"]);
});

test("one that crashes meanwhile counts as replaced", async () => {
  const { world, first } = await createPool(2);
  const crash = run(world, 50, { end: "crash" });
  const ending = recycle(world);
  await settle(world, ending);
  assert.equal(crash.status, "failed");
  assert.equal(ending.status, "replaced");
  assert.ok(first.every((port) => port.isDead));
  assert.equal(world.ports.alive.length, 2);
});

test("if no new worker starts, it fails, and those that are left go on", async () => {
  const model = { startFailures: 0 };
  const { world, first } = await createPool(3, { model, quarantineAfter: Infinity });
  Object.assign(world.ports.model, { startFailures: 1 });
  const ending = recycle(world);
  await settle(world, ending);
  assert.equal(ending.status, "failed");
  assert.match(`${ending.error}`, /model: cannot start/);
  assert.equal(first.filter((port) => !port.isDead).length, 2);
  Object.assign(world.ports.model, { startFailures: 0 });
  const jobs = Array.from({ length: 20 }, () => run(world, 0.5));
  world.clock.advance(100_000);
  assert.deepEqual(new Set(jobs.map((told) => told.status)), new Set(["completed"]));
  assert.equal(first.filter((port) => !port.isDead).length, 2, "they are not replaced later");
  const again = recycle(world);
  await settle(world, again);
  assert.equal(again.status, "replaced");
  assert.ok(first.every((port) => port.isDead));
});

test("those who ask twice wait for the same end", async () => {
  const { world, first } = await createPool(2);
  const endings = [recycle(world), recycle(world)];
  await settle(world, endings[0]);
  await macrotask();
  assert.deepEqual(endings.map(({ status }) => status), ["replaced", "replaced"]);
  assertReplaced(world, first, endings[0]);
});

test("a second request replaces those that came by the first", async () => {
  const { world } = await createPool(2);
  const first = recycle(world);
  world.clock.advance(2.5); // one is replaced
  const [, , third] = world.ports.all;
  assert.ok(third !== undefined && !third.isDead);
  const second = recycle(world);
  await settle(world, second);
  assert.deepEqual([first.status, second.status, third.isDead], ["replaced", "replaced", true]);
  assert.equal(world.ports.alive.length, 2);
});

test("fewer permits meanwhile leave fewer workers, and it ends", async () => {
  const { world, first } = await createPool(3, { minWorkers: 1 });
  const jobs = [1, 2, 3].map(() => run(world, 10));
  world.clock.advance(2);
  const ending = recycle(world);
  world.router.configure({ cpuParallelism: 1 });
  await settle(world, ending);
  assert.equal(ending.status, "replaced");
  assert.ok(first.every((port) => port.isDead));
  assert.equal(world.ports.alive.length, 1);
  assert.deepEqual(jobs.map((told) => told.status), ["completed", "completed", "completed"]);
});

test("close() settles it, before and after", async () => {
  const { world } = await createPool(2);
  run(world, 1_000);
  const ending = recycle(world);
  const closed = world.router.close({ drainMs: 10 });
  world.clock.run();
  await closed;
  assert.equal(ending.status, "replaced");
  const after = recycle(world);
  await macrotask();
  assert.equal(after.status, "replaced");
  assert.equal(world.clock.pending, 0);
});
