import assert from "node:assert/strict";
import { test } from "node:test";
import { thresholdPolicy } from "../../mod.ts";
import { createWorld, offer, type World } from "../virtual/world.ts";
import { guarded } from "../fixtures/until.ts";
import { heavy, medium, tiny } from "./sized_tasks.ts";

/** Lets `ms` pass, with a job each `everyMs`. */
function every(world: World, everyMs: number, ms: number, submit: () => void): void {
  for (let passed = 0; passed < ms; passed += everyMs) {
    submit();
    world.clock.advance(everyMs);
  }
}

test("a kind that was slow once runs again though others keep the queue busy", async () => {
  const world = await createWorld({ cpuParallelism: 1, minWorkers: 1 });
  for (let i = 0; i < 25; i++) {
    offer(world, "shared", { ms: 60 }, heavy);
    world.clock.run();
  }
  const jobs: { readonly status: string }[] = [];
  every(world, 10, 2_000, () => {
    for (let i = 0; i < 4; i++) offer(world, "group", { ms: 5 }, { ...heavy, latencyBudgetMs: 20 });
    jobs.push(offer(world, "shared", { ms: 2 }, { ...heavy, latencyBudgetMs: 25 }));
  });
  world.clock.run();
  const served = jobs.slice(100).filter(({ status }) => status === "completed").length;
  assert.ok(served >= 85, `${served} of the last 100`);
});

test("a kind that stays slow is tested now and then, one job at a time", async () => {
  const world = await createWorld({ cpuParallelism: 1, minWorkers: 1 });
  const hasty = { ...heavy, latencyBudgetMs: 50 };
  offer(world, "shared", { ms: 60 }, hasty);
  world.clock.run();
  const probes: number[] = [];
  world.router.onDecision(({ reason }) => {
    if (reason === "probe") probes.push(world.clock.now());
  });
  every(world, 10, 10_000, () => {
    for (let i = 0; i < 3; i++) offer(world, "group", { ms: 5 }, hasty);
    for (let i = 0; i < 3; i++) offer(world, "shared", { ms: 60 }, hasty);
  });
  world.clock.run();
  const waits = probes.slice(1).map((ms, i) => ms - probes[i]);
  assert.ok(waits.every((ms, i) => i === 0 || ms >= Math.min(waits[i - 1], 3_000)), `${waits}`);
  assert.ok(waits.at(-1)! >= 3_000, `${waits}`);
  assert.ok(probes.length <= 8, `${probes}`);
});

test("explain() tells of a probe and starts none", async () => {
  const world = await createWorld({ cpuParallelism: 1, minWorkers: 1 });
  const hasty = { ...heavy, latencyBudgetMs: 50 };
  offer(world, "shared", { ms: 60 }, heavy);
  offer(world, "group", { ms: 5 }, heavy);
  world.clock.run();
  world.clock.advance(100);
  for (let i = 0; i < 3; i++) offer(world, "group", { ms: 5 }, hasty);
  const explain = () => world.router.explain("shared", { id: 1, ms: 1 }, hasty).reason;
  assert.deepEqual([explain(), explain()], ["probe", "probe"]);
  const first = offer(world, "shared", { ms: 2 }, hasty);
  assert.equal(explain(), "pool_saturated", "one at a time");
  world.clock.run();
  assert.equal(first.story, "cpu_pool completed");
});

test("a probe that is aborted, or lost with its worker, makes way for the next", async () => {
  for (const end of ["cancelled", "crash"] as const) {
    const world = await createWorld({ cpuParallelism: 1, minWorkers: 1 });
    const hasty = { ...heavy, latencyBudgetMs: 50 };
    offer(world, "shared", { ms: 60 }, heavy);
    offer(world, "group", { ms: 5 }, heavy);
    world.clock.run();
    world.clock.advance(100);
    const controller = new AbortController();
    const { signal } = controller;
    for (let i = 0; i < 3; i++) offer(world, "group", { ms: 5 }, hasty);
    offer(world, "shared", { ms: 2, end: end === "crash" ? end : "ok" }, { ...hasty, signal });
    const probeAtMs = () => world.router.load.model.predict({ index: 2 }, 1).probeAtMs;
    assert.equal(probeAtMs(), Infinity);
    if (end === "cancelled") controller.abort();
    world.clock.run();
    assert.ok(probeAtMs() < Infinity);
  }
});

test("what blocks for longer than a slice goes to the pool once that is known", async () => {
  const world = await createWorld({ minWorkers: 2, inlineSliceMs: 8 });
  const stories = () => {
    const jobs = [0.02, 20, 0.02, 20].map((ms) =>
      offer(world, "shared", { ms }, { computeCost: ms }) // the cost is in milliseconds
    );
    world.clock.run();
    return jobs.map(({ story }) => story);
  };
  assert.deepEqual(stories().slice(0, 2), ["inline completed", "inline completed"]);
  const learned = ["inline completed", "cpu_pool completed"];
  assert.deepEqual(stories(), [...learned, ...learned]);
});

test("what waits to be spawned goes to the pool when its kind turns out to block", async () => {
  const world = await createWorld({ cpuParallelism: 2, minWorkers: 2 });
  const jobs = Array.from({ length: 10 }, () => offer(world, "shared", { ms: 200 }, medium));
  world.clock.run();
  const stories = jobs.map(({ story }) => story);
  assert.deepEqual(stories.slice(0, 2), ["spawn completed", "spawn completed"]);
  assert.deepEqual(new Set(stories.slice(2)), new Set(["cpu_pool completed"]));
  assert.equal(world.router.stats().load.spawnWaiting, 0);
});

test("what blocks stays where its policy has sent it, if that was known", async () => {
  const decision = { strategy: "spawn", reason: "mine" } as const;
  const spawning = { ...thresholdPolicy(), decide: () => decision };
  const world = await createWorld({ cpuParallelism: 2, minWorkers: 2, policy: spawning });
  for (let i = 0; i < 5; i++) {
    const one = offer(world, "shared", { ms: 200 }, medium);
    world.clock.run();
    assert.equal(one.story, "spawn completed");
  }
});

test("a run that was stopped early is known to block for at least as long", async () => {
  const world = await createWorld({ minWorkers: 2, inlineSliceMs: 8 });
  const stories = [1, 2, 3].map(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const onBegin = () => controller.abort();
    const one = offer(world, "shared", { ms: 200, onBegin }, { ...medium, signal });
    world.clock.run();
    return one.story;
  });
  assert.deepEqual(stories, ["spawn cancelled", "spawn cancelled", "cpu_pool completed"]);
});

test("what waits is not what blocks: asynchronous jobs stay on this thread", guarded, async () => {
  const world = await createWorld({ minWorkers: 2, inlineSliceMs: 8 });
  for (let i = 0; i < 20; i++) {
    const jobs = [tiny, medium].map((hints) =>
      offer(world, "shared", { ms: 50, later: true }, hints)
    );
    await world.clock.runAsync();
    assert.deepEqual(jobs.map(({ story }) => story), ["inline completed", "spawn completed"]);
  }
});

test("a kind that gets ten times as slow does not wait behind itself for seconds", async () => {
  const world = await createWorld({ cpuParallelism: 2, minWorkers: 2 });
  for (let i = 0; i < 50; i++) {
    offer(world, "shared", { ms: 0.2 }, medium);
    world.clock.run();
  }
  const jobs: ReturnType<typeof offer>[] = [];
  every(world, 1, 2_000, () => jobs.push(offer(world, "shared", { ms: 2 }, medium)));
  world.clock.run();
  const latencies = jobs.map(({ job }) => job!.totalMs).sort((a, b) => a - b);
  assert.ok(latencies[1_000] <= 20, `p50 ${latencies[1_000]}`);
});

test("the event loop lag sees runs inside submit(), synchronous or not", async () => {
  for (const later of [false, true]) {
    const world = await createWorld();
    offer(world, "local", { ms: 180, later: false }, tiny);
    const { load, eventLoopLagMs } = world.router.stats();
    assert.deepEqual([load.loopLagMs, eventLoopLagMs.max, eventLoopLagMs.count], [180, 180, 19]);
    world.clock.run(); // another turn, with a slice of its own
    const ticks = world.router.stats().eventLoopLagMs.count;
    offer(world, "local", { ms: 90, later }, tiny);
    assert.equal(world.router.stats().eventLoopLagMs.count, later ? ticks : ticks + 10);
    await world.clock.runAsync();
    assert.equal(world.router.stats().load.loopLagMs, 0);
    assert.equal(world.clock.pending, 0);
  }
});

test("drain() resolves after those who await the last job have gone on", async () => {
  for (const hints of [tiny, medium, heavy]) {
    const world = await createWorld();
    const heard: string[] = [];
    const told = async (name: string) => {
      await (async () => await world.router.run("shared", { id: 1, ms: 1 }, hints))();
      heard.push(name);
    };
    const all = [told("a"), told("b")];
    const drained = world.router.drain().then(() => heard.push("drained"));
    await world.clock.runAsync();
    await Promise.all([...all, drained]);
    assert.deepEqual(heard, ["a", "b", "drained"]);
  }
});
