// Many submits in one turn of the event loop.
import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy, createRouter } from "../../mod.ts";
import basicJobs from "../fixtures/basic_jobs.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createWorld, offer } from "../virtual/world.ts";

/** A turn goes on for so long at most, in ms. */
const PATIENCE_MS = 20_000;

test("submits that go on in one turn hear of those that have ended", async () => {
  await using router = await createRouter({
    ...{ jobs: basicJobs, policy: forcedPolicy("cpu_pool"), transport: "shared_memory" },
    ...{ minWorkers: 1, cpuParallelism: 1, cpuQueueCapacity: 1e6 },
  });
  const outcomes = [router.submit("add", { a: 0, b: 1 })];
  const untilMs = performance.now() + PATIENCE_MS;
  while (router.stats().completed === 0 && performance.now() < untilMs) {
    outcomes.push(router.submit("add", { a: outcomes.length, b: 1 }));
  }
  assert.ok(router.stats().completed > 0);
  for (const [i, outcome] of (await Promise.all(outcomes)).entries()) {
    assert.deepEqual([outcome.status, "output" in outcome && outcome.output], ["completed", i + 1]);
  }
});

test("a submit hears of results once its turn has gone on for 1 ms, and explain() of none", async () => {
  const world = await createWorld({
    cpuParallelism: 1,
    minWorkers: 1,
    policy: forcedPolicy("cpu_pool"),
  });
  const first = offer(world, "shared", { id: 0, ms: 2 });
  world.clock.occupy(0.5);
  offer(world, "shared", { id: 1, ms: 2 });
  world.clock.occupy(5);
  world.router.explain("shared", { id: 2, ms: 2 });
  assert.equal(first.status, "pending");
  offer(world, "shared", { id: 3, ms: 2 });
  assert.equal(first.status, "completed");
  world.clock.run();
});

test("jobs that waited for a kind to be known run in many turns, if that takes long", async () => {
  const world = await createWorld({ policy: adaptivePolicy(), cpuQueueCapacity: 10_000 });
  const { clock, router } = world;
  const gaps: number[] = [];
  let [lastMs, isOver] = [0, false];
  const beat = () => {
    gaps.push(clock.now() - lastMs);
    lastMs = clock.now();
    if (!isOver) clock.setTimer(1, beat, undefined);
  };
  router.on("outcome", ({ strategy }) => strategy === "inline" && clock.occupy(0.1));
  beat();
  const jobs = Array.from({ length: 2_000 }, (_, id) => offer(world, "shared", { id, ms: 0.01 }));
  while (jobs.some(({ status }) => status === "pending")) clock.step();
  isOver = true;
  assert.ok(router.stats().moved.cpu_pool > 500, `${router.stats().moved.cpu_pool} have moved`);
  assert.ok(Math.max(...gaps) < 25, `${Math.max(...gaps)} ms without a turn`);
  clock.run();
});
