import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy, type DecisionRecord, type Strategy, UnknownKindError } from "../../mod.ts";
import type { AnyKind } from "../../src/define/jobs.ts";
import { createWorld, defineSet, offer } from "../virtual/world.ts";
import { heavy, medium, task, tiny } from "./sized_tasks.ts";

test("hints come from submit, else from the kind, else from the defaults", async () => {
  const run = () => 0;
  const hinted = { scaling: 0.9, latencyBudgetMs: 70, priority: 8, runTimeoutMs: 90 };
  const kinds: Record<string, AnyKind> = {
    plain: { run },
    hinted: { run, ...hinted, cost: (input: { size: number }) => input.size * 2 },
    fixed: { run, cost: 5 },
  };
  const { router } = await createWorld({ jobs: defineSet(kinds) });
  const hintsOf = (kind: string, options?: object) => {
    const record = router.explain(kind, { size: 21 }, options);
    const { computeCost, scalingPotential, latencyBudgetMs, priority } = record;
    return [computeCost, scalingPotential, latencyBudgetMs, priority];
  };
  assert.deepEqual(hintsOf("plain"), [undefined, 0.5, undefined, 5]);
  assert.deepEqual(hintsOf("hinted"), [42, 0.9, 70, 8]);
  assert.deepEqual(hintsOf("fixed"), [5, 0.5, undefined, 5]);
  const own = { computeCost: 0, scalingPotential: 0, latencyBudgetMs: 1, priority: 0 };
  assert.deepEqual(hintsOf("hinted", own), [0, 0, 1, 0]);
});

test("explain() says what would be done, and does nothing", async () => {
  const world = await createWorld();
  const before = world.router.stats();
  const record = world.router.explain("shared", task, { ...heavy, latencyBudgetMs: 50 });
  const { load, ...rest } = record;
  assert.deepEqual(rest, {
    jobId: 1,
    kind: "shared",
    strategy: "cpu_pool",
    reason: "heavy",
    computeCost: 100_000,
    scalingPotential: 0.5,
    latencyBudgetMs: 50,
    priority: 5,
    key: undefined,
    policy: "threshold",
    predictedWaitMs: 0,
    costs: [
      { strategy: "inline", waitMs: 0 },
      { strategy: "spawn", waitMs: 0 },
      { strategy: "cpu_pool", waitMs: 0 },
    ],
  });
  assert.deepEqual([load.poolCapacity, load.cpuParallelism], [10_000, 2]);
  assert.deepEqual(world.router.stats(), before);
  assert.equal(world.ports.all.length, 0);
  assert.throws(() => world.router.explain("nope", task), UnknownKindError);
  assert.throws(() => world.router.explain("shared", task, { priority: 10 }), /"priority"/);
});

test("explain() keeps the load it was asked under", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const record = world.router.explain("shared", task, heavy);
  offer(world, "shared", {}, heavy);
  assert.deepEqual([record.load.poolWaiting, record.load.inFlight], [0, 0]);
});

test("onDecision() hears every decision, with the figures it was taken on", async () => {
  const world = await createWorld({ cpuQueueCapacity: 1, cpuParallelism: 1 });
  const records: DecisionRecord[] = [];
  const stop = world.router.onDecision((record) => records.push(record));
  for (const hints of [tiny, medium, heavy, heavy, heavy]) offer(world, "shared", {}, hints);
  offer(world, "nope");
  assert.deepEqual(records.map((record) => `${record.jobId} ${record.strategy} ${record.reason}`), [
    "1 inline tiny",
    "2 spawn medium",
    "3 cpu_pool heavy",
    "4 cpu_pool heavy",
    "5 backpressure_drop pool_saturated",
  ]);
  assert.deepEqual(records.map((record) => record.load.inFlight), [0, 0, 1, 2, 3]);
  assert.deepEqual(records.map((record) => record.load.poolWaiting), [0, 0, 0, 1, 2]);
  stop();
  stop();
  offer(world, "shared", {}, tiny);
  assert.equal(records.length, 5);
});

test("onDecision() counts a listener that throws, and tells the others", async () => {
  const world = await createWorld();
  let heard = 0;
  world.router.onDecision(() => assert.fail("listener"));
  world.router.onDecision(() => heard++);
  assert.equal(offer(world, "local", {}, tiny).status, "completed");
  assert.deepEqual([heard, world.router.stats().listenerErrors], [1, 1]);
});

test("onDecision() may submit, abort and close without breaking a bound", async () => {
  const world = await createWorld({ spawnQueueCapacity: 1 });
  const controller = new AbortController();
  let depth = 0;
  world.router.onDecision(() => {
    if (depth++ > 2) return;
    offer(world, "local", {}, medium);
    controller.abort("listener");
    void world.router.close();
  });
  const told = offer(world, "local", {}, { ...medium, signal: controller.signal });
  assert.ok(world.router.stats().load.spawnWaiting <= 1);
  assert.deepEqual([told.status, told.job?.value], ["cancelled", "listener"]);
  world.clock.run();
  assert.equal(world.router.stats().inFlight, 0);
});

test("a job that moves while it waits is told of again, with the lane that runs it", async () => {
  const world = await createWorld({
    policy: adaptivePolicy(),
    cpuParallelism: 1,
    minWorkers: 1,
  });
  const told: DecisionRecord[] = [];
  world.router.onDecision((record) => void told.push(record));
  const jobs = Array.from({ length: 40 }, (_, id) => offer(world, "shared", { id, ms: 0.1 }));
  world.clock.run();
  const moved = told.filter((record) => record.moved === true);
  assert.ok(moved.length > 10, `${moved.length}`);
  assert.equal(told.length, 40 + moved.length);
  for (const { jobId, strategy, reason, predictedRunMs } of moved) {
    const { job } = jobs[jobId - 1];
    assert.deepEqual([strategy, reason], ["inline", "unknown_time"]);
    assert.equal(job!.strategy, "inline");
    assert.ok(predictedRunMs! < 0.2);
  }
  const { routed, moved: movedFrom, submitted } = world.router.stats();
  const ran = (strategy: Strategy) => jobs.filter(({ job }) => job!.strategy === strategy).length;
  assert.deepEqual([routed.inline, routed.cpu_pool], [ran("inline"), ran("cpu_pool")]);
  assert.equal(routed.inline + routed.cpu_pool, submitted);
  assert.equal(movedFrom.cpu_pool, moved.length);
});
