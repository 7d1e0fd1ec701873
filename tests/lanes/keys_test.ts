// One job of a key behind a flood of another is served in its turn, on every lane, and where jobs wait for room.
import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy, type SubmitOptions } from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createWorld, offer, type World, type WorldOptions } from "../virtual/world.ts";
import { createBatching, small } from "./batch_world.ts";

/** Offers a flood of one key, and one job of another a little later; its place among those that end. */
function placeOfOne(
  world: World,
  kind: string,
  flood: number,
  options: SubmitOptions,
  task: { ms: number; later?: boolean },
): number {
  const ended: string[] = [];
  world.router.on("outcome", ({ facts, status }) => {
    if (status === "completed") ended.push(facts.key);
  });
  const all = Array.from(
    { length: flood },
    () => offer(world, kind, task, { ...options, key: "flood" }),
  );
  // What blocks this thread has run by then.
  if (kind !== "local" || task.later) world.clock.advance(2);
  const one = offer(world, kind, task, { ...options, key: "one" });
  world.clock.run();
  assert.equal(one.status, "completed");
  assert.ok(all.every(({ status }) => status === "completed" || status === "dropped"));
  return ended.indexOf("one");
}

const LANES: readonly [string, string, WorldOptions, { ms: number; later?: boolean }][] = [
  ["cpu_pool", "shared", { policy: forcedPolicy("cpu_pool") }, { ms: 3 }],
  ["cpu_pool, by what is learned", "shared", { policy: adaptivePolicy() }, { ms: 3 }],
  ["spawn", "local", { policy: forcedPolicy("spawn") }, { ms: 1 }],
  ["spawn, at a learned limit", "local", { policy: forcedPolicy("spawn") }, {
    ms: 10,
    later: true,
  }],
];

for (const [lane, kind, options, task] of LANES) {
  for (const budget of [{}, { latencyBudgetMs: 10_000 }]) {
    const what = "latencyBudgetMs" in budget ? "with" : "without";
    test(`one job behind 300 of another key, ${what} a budget, is served in its turn: ${lane}`, async () => {
      const world = await createWorld({ ...options, cpuParallelism: 1, model: { depth: 1 } });
      const place = placeOfOne(world, kind, 300, budget, task);
      assert.ok(place < 45, `${place} of 300 before it`);
    });
  }
}

test("one job that waits for room behind 300 of another key has its turn", async () => {
  const policy = forcedPolicy("cpu_pool");
  const world = await createWorld({ policy, cpuQueueCapacity: 2, cpuParallelism: 1 });
  const place = placeOfOne(world, "shared", 300, { whenFull: "wait" }, { ms: 3 });
  assert.ok(place < 10, `${place} of 300 before it`);
});

test("a key with a budget is not refused for what others have waiting, on spawn", async () => {
  const world = await createWorld({ policy: forcedPolicy("spawn") });
  for (let i = 0; i < 20; i++) offer(world, "local", { ms: 2 });
  world.clock.run();
  const hints = { key: "flood", latencyBudgetMs: 50 };
  const flood = Array.from({ length: 200 }, () => offer(world, "local", { ms: 2 }, hints));
  const late = flood.at(-1)!;
  assert.equal(late.story, "backpressure_drop dropped spawn_saturated");
  const one = offer(world, "local", { ms: 2 }, { key: "one", latencyBudgetMs: 50 });
  world.clock.run();
  assert.equal(one.story, "spawn completed");
});

test("keys leave nothing behind: what they need is gone once none waits", async () => {
  const world = await createWorld({ policy: forcedPolicy("cpu_pool"), cpuParallelism: 1 });
  for (let i = 0; i < 3_000; i++) {
    offer(world, "shared", { ms: 1 }, { key: `k${i}` });
    if (i % 100 === 99) world.clock.run();
  }
  const { load, completed } = world.router.stats();
  assert.deepEqual([completed, load.poolWaiting, load.inFlight], [3_000, 0, 0]);
});

test("one job behind 300 of another key is in one of the next batches", async () => {
  const world = await createBatching({ cpuParallelism: 1, batchMaxSize: 10 });
  const ended: string[] = [];
  world.router.on("outcome", ({ facts }) => void ended.push(facts.key));
  for (let id = 0; id < 300; id++) small(world, id, { key: "flood" });
  small(world, 300, { key: "one" });
  world.clock.run();
  assert.equal(ended.length, 301);
  assert.ok(ended.indexOf("one") < 40, `${ended.indexOf("one")} before it`);
});
