// What a policy can ask the load for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy, type JobFacts, type Load, type Policy, Semaphore } from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createKnownWorld, run } from "../lanes/known_world.ts";
import { createWorld, offer, type World } from "../virtual/world.ts";
import { byPriority } from "./wishes.ts";

/** A kind as a policy sees it, by its index. */
const KIND = { name: "", batchable: true, hasModule: true };
const [LOCAL, SHARED] = [{ ...KIND, index: 0 }, { ...KIND, index: 2 }];

/** The facts of a job that is not submitted. */
function factsOf(priority: number, computeCost = 1): JobFacts {
  return {
    ...{ id: 1_000, kind: SHARED, computeCost, scalingPotential: 0, latencyBudgetMs: Infinity },
    ...{ priority, key: "", submittedAtMs: 0, arrivedAtMs: 0 },
  };
}

test("Load.inFlightOf() counts jobs by kind and lane, until they settle", async () => {
  const world = await createWorld({ policy: byPriority, cpuParallelism: 1 });
  const { load } = world.router;
  const seen: number[][] = [];
  const see = () =>
    seen.push([
      load.inFlightOf(LOCAL, "inline"),
      ...(["inline", "spawn", "cpu_pool", "batch"] as const).map((strategy) =>
        load.inFlightOf(SHARED, strategy)
      ),
    ]);
  offer(world, "local", { onRun: see }, { priority: 0 });
  for (const priority of [0, 1, 2, 2, 3, 4]) {
    offer(world, "shared", { later: true, ms: 5 }, { priority });
  }
  see();
  world.clock.run();
  see();
  assert.deepEqual(seen, [
    [1, 0, 0, 0, 0],
    [0, 1, 1, 3, 0], // no runBatch: to the pool
    [0, 0, 0, 0, 0],
  ]);
});

test("Load.inFlightOf() follows a job that goes on to another lane", async () => {
  const world = await createWorld({ policy: byPriority, minWorkers: 1 });
  const { load } = world.router;
  const spawn = () => offer(world, "shared", { ms: 30 }, { priority: 1, computeCost: 1 });
  for (let i = 0; i < 4; i++) spawn();
  const counts = () =>
    (["spawn", "cpu_pool"] as const).map((strategy) => load.inFlightOf(SHARED, strategy));
  assert.deepEqual(counts(), [4, 0]);
  // The kind turns out to block: what waits goes to the pool.
  while (load.inFlightOf(SHARED, "cpu_pool") === 0) assert.ok(world.clock.step());
  assert.deepEqual(counts(), [0, 2]);
  world.clock.run();
  assert.deepEqual(counts(), [0, 0]);
});

/** Whether the load agrees with the counts that are taken from the workers. */
function assertWorkers({ router }: World): void {
  const { load, workers } = router.stats();
  assert.equal(load.workersStarting, workers.starting);
  assert.equal(load.workersReady, workers.idle + workers.busy);
}

test("Load tells how many workers are ready, and how many are being started", async () => {
  const world = await createWorld({ policy: byPriority, cpuParallelism: 3, idleTimeoutMs: 50 });
  const { load } = world.router;
  assertWorkers(world);
  for (let i = 0; i < 4; i++) offer(world, "shared", { ms: 9 }, { priority: 2 });
  assert.deepEqual([load.workersStarting, load.workersReady], [3, 0]);
  while (load.workersReady < 3) world.clock.step();
  assert.equal(load.workersStarting, 0);
  offer(world, "shared", { ms: 9, end: "crash" }, { priority: 2 });
  while (world.clock.step()) assertWorkers(world);
  assert.equal(load.workersReady, 0, "idle workers have ended");
  await world.router.close();
});

test("Load counts no worker as ready or starting once the router is closed", async () => {
  const world = await createWorld({ policy: byPriority, cpuParallelism: 3, minWorkers: 1 });
  for (let i = 0; i < 3; i++) offer(world, "shared", { ms: 9 }, { priority: 2 });
  const closed = world.router.close({ drainMs: 0 });
  world.clock.run();
  await closed;
  const { workersStarting, workersReady } = world.router.load;
  assert.deepEqual([workersStarting, workersReady], [0, 0]);
});

test("Load.aheadMs() tells what starts before a job of its priority, and its age", async () => {
  const world = await createKnownWorld(1, { priorityAgeingMs: 100 });
  const { load } = world.router;
  run(world, 1_000);
  run(world, 30, {}, { priority: 5 });
  run(world, 40, {}, { priority: 7 });
  const queued = run(world, 50, {}, { priority: 7 });
  const comesNow = () => ({ submittedAtMs: load.nowMs, arrivedAtMs: load.nowMs });
  const ahead = () =>
    [9, 7, 5, 0].map((priority) =>
      load.aheadMs("cpu_pool", { ...factsOf(priority), ...comesNow() })
    );
  assert.deepEqual(ahead().map(Math.round), [0, 90, 120, 120]);
  world.clock.advance(201);
  run(world, 1, {}, { priority: 0 });
  assert.deepEqual(
    ahead().map(Math.round),
    [90, 120, 120, 121],
    "those of priority 5 and 7 have risen by two levels",
  );
  assert.equal(Math.round(load.poolWorkMs), 121);
  offer(world, "group", {}, { priority: 6 }); // nothing is known of this kind
  assert.deepEqual(ahead().map(Math.round).slice(2, 3), [120], "it counts nothing");
  world.clock.run();
  assert.deepEqual(ahead().map(Math.round), [0, 0, 0, 0]);
  assert.equal(queued.status, "completed");
});

test("Load.aheadMs() counts what has been handed to workers ahead of time", async () => {
  const world = await createKnownWorld(1);
  for (let i = 0; i < 8; i++) run(world, 0.5);
  const { load } = world.router;
  assert.equal(
    Math.round(2 * load.aheadMs("cpu_pool", factsOf(9))),
    3,
    "three calls wait in the worker",
  );
  assert.equal(load.aheadMs("cpu_pool", factsOf(5)), load.poolWorkMs);
  world.clock.run();
});

test("Load.aheadMs() goes by a policy's own order", async () => {
  const policy: Policy = {
    name: "shortest first",
    decide: () => ({ strategy: "cpu_pool", reason: "all" }),
    order: (job) => job.computeCost,
  };
  const world = await createKnownWorld(1, { policy });
  run(world, 100);
  for (const ms of [30, 20, 50]) run(world, ms);
  const { load } = world.router;
  const ahead = [10, 20, 25, 60].map((cost) => load.aheadMs("cpu_pool", factsOf(5, cost)));
  assert.deepEqual(ahead.map(Math.round), [0, 20, 20, 100]);
  assert.equal(load.lastOf("cpu_pool")!.computeCost, 50);
  world.clock.run();
  assert.equal(load.lastOf("cpu_pool"), undefined);
});

test("Load.leftMs() tells what is left of the calls that run", async () => {
  const world = await createKnownWorld(2);
  const { load } = world.router;
  assert.equal(load.leftMs("cpu_pool"), 0);
  run(world, 100);
  run(world, 30, { ms: 80 });
  const leftAfter = (ms: number) => {
    world.clock.advance(ms);
    run(world, 200); // so that the load is of now
    return load.leftMs("cpu_pool");
  };
  assert.deepEqual([leftAfter(0), leftAfter(20), leftAfter(40)].map(Math.round), [130, 90, 40]);
  world.clock.run();
  offer(world, "group");
  assert.ok(Number.isNaN(load.leftMs("cpu_pool")), "nothing is known of this kind");
  world.clock.run();
});

test("an outlook has no wait while something waits of which nothing is known", async () => {
  const world = await createKnownWorld(1);
  const { load } = world.router;
  const waitMs = () => Math.round(load.outlook("cpu_pool", factsOf(5)).waitMs);
  for (const ms of [100, 20]) run(world, ms);
  assert.equal(waitMs(), 120);
  offer(world, "group");
  assert.ok(Number.isNaN(waitMs()));
  assert.equal(load.outlook("cpu_pool", factsOf(5)).place, "in_time");
  world.clock.run();
  assert.equal(waitMs(), 0);
});

for (const policy of [adaptivePolicy(), forcedPolicy("cpu_pool")]) {
  test(`${policy.name}: a decision and explain() predict the same wait`, async () => {
    const world = await createKnownWorld(2, { policy });
    const told: (number | undefined)[][] = [];
    const { router } = world;
    router.onDecision(({ predictedWaitMs: ms }) => void told.at(-1)!.push(ms));
    const offerTold = (kind: string, ms: number) => {
      const { predictedWaitMs, costs } = router.explain(kind, { ms }, { computeCost: ms });
      told.push([predictedWaitMs, costs!.find(({ strategy }) => strategy === "cpu_pool")!.waitMs]);
      offer(world, kind, { ms }, { computeCost: ms });
    };
    for (const ms of [100, 80, 60, 40, 20]) offerTold("shared", ms);
    offerTold("group", 20);
    for (const ms of [20, 10]) offerTold("shared", ms);
    const [, , behindTwo, behindThree, , first, next] = told;
    for (const figures of told) assert.equal(new Set(figures).size, 1, String(figures));
    assert.deepEqual([behindTwo, behindThree].map(([ms]) => Math.round(ms!)), [80, 120]);
    assert.ok(first[0]! > 0, "of those before it, all are known");
    assert.equal(next[0], undefined, "it waits behind one of which nothing is known");
    world.clock.run();
  });
}

for (const policy of [adaptivePolicy(), forcedPolicy("cpu_pool")]) {
  test(`${policy.name}: both go by what is ahead of the job, of whatever kind`, async () => {
    const world = await createKnownWorld(1, { policy });
    const { router } = world;
    const told: (number | undefined)[] = [];
    router.onDecision(({ predictedWaitMs }) => void told.push(predictedWaitMs));
    for (const ms of [100, 80, 60]) run(world, ms, {}, { priority: 1 });
    for (const priority of [9, 0]) {
      const options = { priority, latencyBudgetMs: 5_000 };
      const { predictedWaitMs } = router.explain("group", { ms: 1 }, options);
      offer(world, "group", { ms: 1 }, options);
      assert.equal(told.at(-1), predictedWaitMs);
    }
    assert.equal(Math.round(told[3]!), 100, "it goes before those that wait");
    world.clock.run();
  });
}

test("the wait for workers that another router has is told of as if it had one of them", async () => {
  const options = { cpuParallelism: new Semaphore(1), policy: forcedPolicy("cpu_pool") };
  const [world, other] = [await createWorld(options), await createWorld(options)];
  const waits: number[] = [];
  world.router.onDecision(({ predictedWaitMs }) => void waits.push(Math.round(predictedWaitMs!)));
  run(world, 40);
  world.clock.run();
  run(other, 40);
  other.clock.advance(10);
  assert.equal(world.router.load.cpuParallelism, 0);
  for (const ms of [40, 1]) run(world, ms);
  assert.deepEqual(waits, [0, 0, 40]);
  other.clock.run();
  world.clock.run();
});

test("a job that is decided on again is told of with the wait of then", async () => {
  const asked = new Set<number>();
  const policy: Policy = {
    name: "asks once",
    decide(job, load) {
      if (!asked.has(job.id)) load.outlook("cpu_pool", job);
      asked.add(job.id);
      return { strategy: "cpu_pool", reason: "mine" };
    },
  };
  const world = await createKnownWorld(1, { policy, cpuQueueCapacity: 1 });
  const waits: number[] = [];
  world.router.onDecision(({ predictedWaitMs }) => void waits.push(Math.round(predictedWaitMs!)));
  for (const ms of [100, 80, 60]) run(world, ms, {}, { whenFull: "wait" });
  world.clock.run();
  assert.deepEqual(waits, [0, 100, 80]);
});

test("Load tells what waits to be spawned before a job, what runs, and what is last", async () => {
  const world = await createWorld({ policy: byPriority, spawnConcurrency: 2 });
  const { load } = world.router;
  const spawn = (kind: string, ms: number, later: boolean, priority = 1) =>
    offer(world, kind, { ms, later }, { priority, computeCost: ms });
  for (let i = 0; i < 3; i++) spawn("local", 4, false, 0);
  world.clock.run();
  for (let i = 0; i < 2; i++) spawn("local_group", 20, true, 0);
  world.clock.run();
  spawn("local_group", 60, true);
  spawn("local_group", 30, true);
  while (load.spawnWaiting > 0) world.clock.step();
  assert.equal(Math.round(load.leftMs("spawn")), 90);
  for (const ms of [4, 3]) spawn("local", ms, false);
  assert.equal(load.aheadMs("spawn", factsOf(9)), 0);
  assert.equal(Math.round(load.aheadMs("spawn", factsOf(1))), 7);
  assert.equal(load.lastOf("spawn")!.computeCost, 3);
  world.clock.advance(20);
  spawn("local", 1, false);
  assert.equal(Math.round(load.leftMs("spawn")), 40 + 10);
  world.clock.run();
  assert.deepEqual([load.leftMs("spawn"), load.lastOf("spawn")], [0, undefined]);
});

test("Load.copy() holds plain figures only", async () => {
  const world = await createWorld();
  const { load } = world.router.stats();
  const kinds = new Set(Object.values(load).map((value) => typeof value));
  assert.deepEqual([...kinds].sort(), ["boolean", "number"]);
  assert.ok(!("ranHereMs" in load));
});

test("a policy asks the load for what is ahead while it decides", async () => {
  const asked: number[] = [];
  const policy: Policy = {
    name: "asks",
    decide(job: JobFacts, load: Load) {
      asked.push(load.aheadMs("cpu_pool", job) + load.aheadMs("spawn", job));
      return { strategy: "cpu_pool", reason: "asks" };
    },
  };
  const world = await createKnownWorld(1, { policy });
  for (const ms of [100, 30, 20]) run(world, ms);
  run(world, 7, {}, { priority: 9 });
  world.clock.run();
  assert.deepEqual(asked.map(Math.round), [0, 0, 0, 30, 0]);
});
