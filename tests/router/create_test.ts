import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, defineJobs } from "../../mod.ts";
import { WatchedClock } from "../virtual/clock.ts";
import { ModelPorts } from "../virtual/ports.ts";
import { createWorld, defineSet, serveTask } from "../virtual/world.ts";
import { isOpen } from "./is_open.ts";

test("kinds lists the kinds of all sets", async () => {
  const { router } = await createWorld();
  assert.deepEqual(router.kinds, ["local", "local_group", "shared", "group", "steady_group"]);
});

test("minWorkers are started before the router is there", async () => {
  const world = await createWorld({ minWorkers: 2 });
  assert.equal(world.ports.alive.length, 2);
  assert.equal(world.router.stats().workers.idle, 2);
});

test("a router whose minWorkers cannot be started does not come to be, and leaves nothing", async () => {
  const clock = new WatchedClock();
  const ports = new ModelPorts(clock, { serve: serveTask, startFailures: 1 });
  const jobs = defineSet({ shared: { run: () => 0 } }, "virtual:jobs");
  const options = { jobs, clock, minWorkers: 2, cpuParallelism: 2, createPort: ports.create };
  const failed = assert.rejects(createRouter(options), /model: cannot start/);
  while (await isOpen(failed)) if (!clock.step()) assert.fail("it never fails");
  await failed;
  assert.deepEqual([ports.alive.length, clock.pending], [0, 0]);
});

test("a router of which only some minWorkers can be started does not come to be", async () => {
  const clock = new WatchedClock();
  const ports = new ModelPorts(clock, { serve: serveTask });
  const createPort = () => {
    const port = ports.create();
    Object.assign(ports.model, { startFailures: 1 });
    return port;
  };
  const jobs = defineSet({ shared: { run: () => 0 } }, "virtual:jobs");
  const making = createRouter({ jobs, clock, minWorkers: 2, cpuParallelism: 2, createPort });
  const failed = assert.rejects(making, /model: cannot start/);
  while (await isOpen(failed)) if (!clock.step()) assert.fail("it never fails");
  await failed;
  assert.deepEqual([ports.alive.length, clock.pending], [0, 0]);
});

test("createRouter() takes several sets of jobs, and refuses a kind that is in two", async () => {
  const a = defineJobs({ a: { cost: 1, run: () => 1 } });
  const b = defineJobs({ b: { cost: 1, run: () => "b" } });
  await using router = await createRouter({ jobs: [a, b] });
  assert.equal(await router.run("a", undefined), 1);
  assert.equal(await router.run("b", undefined), "b");
  await assert.rejects(
    createRouter({ jobs: [a, b, a] }),
    /"jobs" must be sets with no kind in common/,
  );
});
