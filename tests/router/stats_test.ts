import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld, offer } from "../virtual/world.ts";
import { heavy, medium, task, tiny } from "./sized_tasks.ts";

test("a sink that throws is counted, and every other job goes on", async () => {
  const world = await createWorld();
  const sink = { settled: () => assert.fail("sink"), refused: assert.fail };
  for (const hints of [tiny, medium, heavy]) world.router.offer("shared", task, hints, sink);
  const told = offer(world, "shared", {}, heavy);
  world.clock.run();
  assert.equal(told.status, "completed");
  const { listenerErrors, completed: done, inFlight } = world.router.stats();
  assert.deepEqual([listenerErrors, done, inFlight], [3, 4, 0]);
});

test("stats() counts by kind and strategy", async () => {
  const world = await createWorld();
  offer(world, "local", { ms: 2 }, tiny);
  offer(world, "local", { ms: 4 }, tiny);
  offer(world, "local", { end: "throw" }, tiny);
  offer(world, "shared", { ms: 8 }, heavy);
  world.clock.run();
  const { series, submitted, routed, policy, uptimeMs } = world.router.stats();
  assert.deepEqual(series.map((one) => `${one.kind} ${one.strategy}`), [
    "local inline",
    "shared cpu_pool",
  ]);
  const [inline] = series;
  const none = { completed: 0, failed: 0, dropped: 0, cancelled: 0, timedOut: 0 };
  assert.deepEqual(inline.statuses, { ...none, completed: 2, failed: 1 });
  assert.deepEqual([inline.runMs.count, inline.runMs.sum, inline.runMs.max], [3, 7, 4]);
  assert.deepEqual([submitted, routed.inline, routed.cpu_pool], [4, 3, 1]);
  assert.equal(policy, "threshold");
  assert.equal(uptimeMs, world.clock.now());
});

test("stats() gives copies that no longer change", async () => {
  const world = await createWorld();
  const before = world.router.stats();
  const copy = structuredClone(before);
  offer(world, "shared", {}, heavy);
  world.clock.run();
  assert.deepEqual(before, copy);
});
