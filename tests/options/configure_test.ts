// router.configure(): what changes, when, and that a wrong change changes nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  InvalidOptionError,
  type Policy,
  PolicyError,
  type RouterConfig,
  Semaphore,
  thresholdPolicy,
} from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { callSizes, offerMany } from "../lanes/batch_offers.ts";
import { runs } from "../fixtures/property.ts";
import { createWorld, offer } from "../virtual/world.ts";

const heavy = { computeCost: 100_000 };
const medium = { computeCost: 10_000 };

test("HelixRouter.config() has the limits and the policy's settings as they are", async () => {
  const { router } = await createWorld({ cpuQueueCapacity: 7, abortGraceMs: 5 });
  assert.deepEqual(router.config(), {
    cpuParallelism: 2,
    cpuQueueCapacity: 7,
    spawnQueueCapacity: 10_000,
    spawnConcurrency: 1_000,
    inlineSliceMs: 8,
    batchMaxSize: 8,
    batchMaxDelayMs: 10,
    abortGraceMs: 5,
    policy: {
      inlineThreshold: 8_000,
      spawnThreshold: 60_000,
      inlineScalingLimit: 0.8,
      spawnScalingLimit: 0.65,
      batchScalingThreshold: 0.7,
    },
  });
  const plain = await createWorld({ policy: forcedPolicy("spawn") });
  assert.equal(plain.router.config().policy, undefined);
});

test("HelixRouter.configure() changes the capacity of the pool's queue for the next job", async () => {
  const world = await createWorld({ cpuParallelism: 1, cpuQueueCapacity: 1 });
  const jobs = [0, 1, 2].map(() => offer(world, "shared", { ms: 50 }, heavy));
  // One waits in the queue, and one for the worker that is to start.
  assert.equal(jobs.filter((job) => job.story.endsWith("pool_saturated")).length, 1);
  assert.equal(world.router.configure({ cpuQueueCapacity: 3 }).cpuQueueCapacity, 3);
  const more = [0, 1, 2].map(() => offer(world, "shared", { ms: 50 }, heavy));
  assert.deepEqual(more.map((job) => job.status), ["pending", "pending", "dropped"]);
  assert.equal(world.router.stats().load.poolCapacity, 3);
  world.router.configure({ cpuQueueCapacity: 1 });
  world.clock.run();
  assert.equal(more[1].status, "completed", "what waits stays");
});

test("HelixRouter.configure() changes the capacity of the spawn queue", async () => {
  const world = await createWorld({ policy: forcedPolicy("spawn"), spawnQueueCapacity: 1 });
  const spawn = () => offer(world, "local", { ms: 1 }, medium).story;
  assert.deepEqual([spawn(), spawn()], ["pending", "backpressure_drop dropped lane_full"]);
  world.router.configure({ spawnQueueCapacity: 2 });
  assert.deepEqual([spawn(), spawn()], ["pending", "backpressure_drop dropped lane_full"]);
});

test("HelixRouter.configure() starts spawned jobs that waited for a higher concurrency", async () => {
  const world = await createWorld({ spawnConcurrency: 1 });
  for (let i = 0; i < 4; i++) offer(world, "local", { ms: 1_000, later: true }, medium);
  world.clock.advance(5);
  assert.equal(world.router.stats().load.spawnRunning, 1);
  world.router.configure({ spawnConcurrency: 3 });
  world.clock.advance(5);
  assert.equal(world.router.stats().load.spawnRunning, 3);
  world.clock.run();
});

test("HelixRouter.configure() changes the slice of inline runs, and their bound", async () => {
  const world = await createWorld({ inlineSliceMs: 1 });
  const tiny = () => offer(world, "local", { ms: 2 }, { computeCost: 1 }).job?.strategy ?? "later";
  assert.deepEqual([tiny(), tiny()], ["inline", "later"]);
  world.router.configure({ inlineSliceMs: 5 });
  assert.deepEqual([tiny(), tiny(), tiny()], ["inline", "inline", "later"]);
  world.clock.run();
  world.router.configure({ spawnConcurrency: 1 });
  offer(world, "local", { ms: 9, later: true }, { computeCost: 1 });
  assert.equal(tiny(), "later");
  world.clock.run();
});

test("HelixRouter.configure() closes batches that have enough jobs by now", async () => {
  const world = await createWorld({ batchMaxSize: 8, batchMaxDelayMs: 1_000 });
  offerMany(world, "group", 5);
  world.clock.advance(5);
  assert.deepEqual(callSizes(world), []);
  world.router.configure({ batchMaxSize: 3 });
  offerMany(world, "group", 4);
  world.clock.advance(5);
  assert.deepEqual(callSizes(world), [5, 3]);
  world.router.configure({ batchMaxDelayMs: 2 });
  world.clock.run();
  offerMany(world, "group", 1);
  world.clock.advance(3);
  assert.equal(world.router.stats().load.batchWaiting, 0);
  world.clock.run();
});

test("HelixRouter.configure() changes the grace of jobs that run already", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const controller = new AbortController();
  offer(world, "shared", { ms: 1_000 }, { ...heavy, signal: controller.signal });
  world.clock.advance(10);
  world.router.configure({ abortGraceMs: 5 });
  controller.abort();
  const second = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.run();
  assert.equal(second.job?.totalMs, 5 + 1 + 1 + 1, "grace, end, start, run");
});

test("HelixRouter.configure() changes settings of the policy, of this router only", async () => {
  const policy = thresholdPolicy();
  const [first, second] = [await createWorld({ policy }), await createWorld({ policy })];
  const config = first.router.configure({ policy: { inlineThreshold: 5 } });
  assert.deepEqual([config.policy?.inlineThreshold, config.policy?.spawnThreshold], [5, 60_000]);
  const ask = ({ router }: typeof first) =>
    router.explain("local", { id: 1, ms: 1 }, { computeCost: 6, scalingPotential: 0 }).strategy;
  assert.deepEqual([ask(first), ask(second)], ["spawn", "inline"]);
  assert.equal(second.router.config().policy?.inlineThreshold, 8_000);
});

/** Wrong changes, and the option that is named. */
const WRONG: readonly [change: Record<string, unknown>, option: string][] = [
  [{ cpuQueueCapacity: 0 }, "cpuQueueCapacity"],
  [{ batchMaxSize: 2.5 }, "batchMaxSize"],
  [{ inlineSliceMs: "5" }, "inlineSliceMs"],
  [{ abortGraceMs: -1 }, "abortGraceMs"],
  [{ spawnConcurrency: null }, "spawnConcurrency"],
  [{ minWorkers: 1 }, "minWorkers"],
  [{ cpuParallelism: 0 }, "cpuParallelism"],
  [{ cpuParallelism: new Semaphore(2) }, "cpuParallelism"],
  [{ policy: 5 }, "policy"],
  [{ policy: [] }, "policy"],
  [{ policy: { inlineThreshold: -1 } }, "policy.inlineThreshold"],
  [{ policy: { inlineThreshold: 70_000 } }, "policy.spawnThreshold"],
  [{ policy: { inlineTreshold: 5 } }, "policy.inlineTreshold"],
  [JSON.parse('{"__proto__":{"batchMaxSize":1}}'), "__proto__"],
  [{ policy: JSON.parse('{"__proto__":5}') }, "policy.__proto__"],
  [{ constructor: 5 }, "constructor"],
];

test("HelixRouter.configure() refuses a wrong change by name, and changes nothing", async () => {
  const { router } = await createWorld();
  const before = router.config();
  const right = { cpuQueueCapacity: 9, policy: { spawnThreshold: 60_000 } };
  for (const [change, option] of WRONG) {
    assert.throws(() => router.configure({ ...right, ...change }), (error) => {
      assert.ok(error instanceof InvalidOptionError, `${error}`);
      assert.equal(error.option, option);
      assert.ok(error.message.startsWith(`Cannot configure router as "${option}" must be `));
      return true;
    });
    assert.deepEqual(router.config(), before, option);
  }
  for (const none of [null, 5, "text"]) {
    assert.throws(() => router.configure(none as never), InvalidOptionError);
  }
  assert.deepEqual(router.configure({}), before);
  assert.deepEqual(router.configure({ batchMaxSize: undefined }), before);
});

test("HelixRouter.configure() asks the policy, which may have no settings or throw", async () => {
  const plain = await createWorld({ policy: forcedPolicy("spawn") });
  assert.throws(() => plain.router.configure({ batchMaxSize: 2, policy: {} }), {
    name: "InvalidOptionError",
    option: "policy",
  });
  const own: Policy<number> = {
    name: "own",
    decide: () => ({ strategy: "spawn", reason: "test" }),
    init: () => 1,
    settings: (state) => ({ level: state }),
    configure: (_, { level }) => {
      if (level === 13) throw new Error("unlucky");
      return level as number;
    },
  };
  const { router } = await createWorld({ policy: own });
  assert.deepEqual(router.configure({ policy: { level: 2 } }).policy, { level: 2 });
  const wrong = { batchMaxSize: 2, policy: { level: 13 } };
  assert.throws(() => router.configure(wrong), PolicyError);
  assert.deepEqual([router.config().policy, router.config().batchMaxSize], [{ level: 2 }, 8]);
});

test("HelixRouter.configure() takes what config() gave, and keeps the sum of all changes", async () => {
  const change = fc.record({
    cpuQueueCapacity: fc.integer({ min: 1, max: 1e6 }),
    spawnQueueCapacity: fc.integer({ min: 1, max: 1e6 }),
    spawnConcurrency: fc.integer({ min: 1, max: 1e6 }),
    inlineSliceMs: fc.double({ min: 0, max: 1_000, noNaN: true }),
    batchMaxSize: fc.integer({ min: 1, max: 10_000 }),
    batchMaxDelayMs: fc.integer({ min: 0, max: 60_000 }),
    abortGraceMs: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 1e9 })),
  }, { requiredKeys: [] });
  const { router } = await createWorld();
  let expected: RouterConfig = router.config();
  fc.assert(
    fc.property(change, (limits) => {
      expected = { ...expected, ...limits };
      assert.deepEqual(router.configure(limits), expected);
      assert.deepEqual(router.configure(router.config()), expected);
      const { load } = router.stats();
      assert.equal(load.poolCapacity, expected.cpuQueueCapacity);
      assert.equal(load.spawnCapacity, expected.spawnQueueCapacity);
    }),
    runs(200),
  );
});

test("HelixRouter.configure() changes how many calls run at a time, up and down", async () => {
  const { router, clock, ports } = await createWorld({ cpuParallelism: 1, minWorkers: 1 });
  const jobs = Array.from({ length: 12 }, () => offer({ router }, "shared", { ms: 5 }, heavy));
  clock.advance(1);
  assert.equal(router.configure({ cpuParallelism: 3 }).cpuParallelism, 3);
  clock.advance(3);
  assert.deepEqual([ports.atWork, router.load.poolRunning, router.load.cpuParallelism], [3, 3, 3]);
  router.configure({ cpuParallelism: 1 });
  assert.equal(router.load.cpuParallelism, 3, "what runs goes on");
  clock.advance(6);
  assert.deepEqual([router.load.poolRunning, router.load.cpuParallelism], [1, 1]);
  clock.run();
  assert.deepEqual([...new Set(jobs.map(({ status }) => status))], ["completed"]);
});

test("HelixRouter.configure() keeps the workers that are always kept, and shared permits", async () => {
  const own = await createWorld({ cpuParallelism: 4, minWorkers: 2 });
  assert.throws(() => own.router.configure({ cpuParallelism: 1 }), /at least "minWorkers" \(2\)/);
  const semaphore = new Semaphore(2);
  const { router } = await createWorld({ cpuParallelism: semaphore });
  assert.throws(() => router.configure({ cpuParallelism: 3 }), /shared: use its "resize\(\)"/);
  semaphore.resize(3);
  assert.equal(router.config().cpuParallelism, 3);
});
