import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobFacts, Load, Policy } from "../../mod.ts";
import { createWorld, offer } from "../virtual/world.ts";
import { byPriority, observing, wish, WISHES } from "./wishes.ts";

test("Policy decides, and what it says is done", async () => {
  const world = await createWorld({ policy: byPriority });
  const jobs = WISHES.map((_, priority) => offer(world, "group", {}, { priority }));
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.story), [
    "inline completed",
    "spawn completed",
    "cpu_pool completed",
    "batch completed",
    "backpressure_drop dropped wish",
  ]);
  assert.equal(world.router.stats().policy, "wishes");
  assert.deepEqual(world.router.stats().dropReasons, { wish: 1 });
});

test("Policy has a state for each router, that only observe() changes", async () => {
  let made = 0;
  const policy: Policy<{ settled: number }> = {
    name: "every third",
    init() {
      made++;
      return { settled: 0 };
    },
    decide: (_job, _load, state) => wish(state.settled % 3 === 2 ? "backpressure_drop" : "inline"),
    observe(state, event) {
      if (event.type === "settle") state.settled++;
    },
  };
  const [a, b] = [await createWorld({ policy }), await createWorld({ policy })];
  assert.equal(made, 2);
  const strategies = [a, a, a, a, b, b, b].map((world) => offer(world, "local").job?.strategy);
  const drop = "backpressure_drop";
  assert.deepEqual(strategies, [
    ...["inline", "inline", drop, "inline"],
    ...["inline", "inline", drop],
  ]);
});

test("drops are counted by any reason, even one that objects inherit", async () => {
  const decide = () => ({ strategy: "backpressure_drop", reason: "constructor" }) as const;
  const world = await createWorld({ policy: { name: "dropping", decide } });
  for (let i = 0; i < 3; i++) offer(world, "local");
  const { dropReasons, series, windows } = world.router.stats();
  assert.deepEqual(dropReasons, { constructor: 3 });
  assert.deepEqual(series[0].dropReasons, { constructor: 3 });
  assert.deepEqual(windows.last10s.dropReasons, { constructor: 3 });
});

test("Policy.admit() may drop a waiting job, for a reason of its own", async () => {
  const asked: number[] = [];
  const { policy, of } = observing({
    admit(job) {
      asked.push(job.id);
      return job.id % 2 === 0 ? { reason: "even" } : "run";
    },
  });
  const world = await createWorld({ policy, batchMaxSize: 2 });
  const kinds = [
    "local",
    "local",
    "shared",
    "shared",
    "group",
    "group",
    "local_group",
    "local_group",
  ];
  const strategies = [1, 1, 2, 2, 3, 3, 3, 3];
  const jobs = kinds.map((kind, i) => offer(world, kind, {}, { priority: strategies[i] }));
  const inline = [offer(world, "local", {}, { priority: 0 })];
  inline.push(offer(world, "local", {}, { priority: 0 }));
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.story), [
    ...["spawn completed", "spawn dropped even"],
    ...["cpu_pool completed", "cpu_pool dropped even"],
    ...["batch completed", "batch dropped even"],
    ...["batch completed", "batch dropped even"],
  ]);
  assert.deepEqual(inline.map((job) => job.story), ["inline completed", "inline completed"]);
  assert.deepEqual([...new Set(asked)].sort(), [1, 2, 3, 4, 5, 6, 7, 8], "inline jobs never wait");
  assert.equal(of(2), "enqueue settle");
  const { dropReasons, dropped, routed } = world.router.stats();
  assert.deepEqual(dropReasons, { even: 4 });
  assert.deepEqual([dropped, routed.backpressure_drop], [4, 0]);
});

test("Policy.admit() sees the load of that moment", async () => {
  const seen: Load[] = [];
  const policy: Policy = {
    ...byPriority,
    admit(_job, load) {
      seen.push({ ...load, nowMs: load.nowMs });
      return "run";
    },
  };
  const world = await createWorld({ policy, cpuParallelism: 1 });
  for (let i = 0; i < 3; i++) offer(world, "shared", { ms: 30 }, { priority: 2 });
  world.clock.run();
  assert.deepEqual(seen.map((load) => load.nowMs), [1, 31, 61]);
  assert.deepEqual(seen.map((load) => load.poolWaiting), [2, 1, 0]);
});

test("Policy.order() orders the jobs that wait, on the pool and here", async () => {
  const order = (job: JobFacts) => -job.computeCost;
  for (const [kind, priority] of [["shared", 2], ["local", 1]] as const) {
    const { policy, events } = observing({ order });
    const world = await createWorld({ policy, cpuParallelism: 1 });
    for (const computeCost of [3, 9, 1, 9]) offer(world, kind, {}, { priority, computeCost });
    world.clock.run();
    const starts = events.filter((event) => event.type === "start").map((event) => event.job.id);
    assert.deepEqual(starts, [2, 4, 1, 3], kind);
  }
});

test("Load.draw() depends on the seed and the job's number alone", async () => {
  const draws = async (seed: number, before: (draw: number) => void) => {
    const policy: Policy = {
      name: "draws",
      decide(job, load) {
        before(load.draw(job));
        return wish("inline");
      },
    };
    const world = await createWorld({ policy, seed });
    for (let i = 0; i < 50; i++) offer(world, "local", { ms: i % 3 });
  };
  const [a, b, c] = [[], [], []] as number[][];
  await draws(7, (draw) => a.push(draw));
  await draws(7, (draw) => b.push(draw));
  await draws(8, (draw) => c.push(draw));
  assert.deepEqual(a, b);
  assert.notDeepEqual(a, c);
  assert.equal(new Set(a).size, 50);
  assert.ok(a.every((draw) => draw >= 0 && draw < 1));
  const mean = a.reduce((sum, draw) => sum + draw, 0) / a.length;
  assert.ok(mean > 0.3 && mean < 0.7, `mean ${mean}`);
});
