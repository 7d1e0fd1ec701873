import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy, type Policy } from "../../mod.ts";
import { type Costs, createBatching } from "../lanes/batch_world.ts";
import { createWorld, offer } from "../virtual/world.ts";

async function createTold(policy: Policy = adaptivePolicy()) {
  const world = await createWorld({ policy, cpuParallelism: 1, minWorkers: 1 });
  const why = (kind: string, options = {}) =>
    world.router.explain(kind, { id: 1, ms: 1 }, options).why ?? [];
  return { world, why };
}

test("explain() says in words that nothing is known yet, and what comes of that", async () => {
  const { why } = await createTold();
  assert.deepEqual(why("shared"), [
    'Nothing is known yet of how long a job of kind "shared" takes.',
    "cpu_pool, time unknown: yes, as workers are the safe place for what is unknown.",
    "inline, time unknown: no, as a job runs inside submit() only after 8 runs like it, and there were 0.",
    "spawn, time unknown: no, as it might block this thread, and workers are there for that.",
    "batch: no, as its kind has no runBatch.",
    "backpressure_drop: no, as it has no budget.",
  ]);
  const [, spawn, , pool] = why("local");
  assert.match(spawn, /^spawn, time unknown: yes, as only this thread can run it/);
  assert.match(pool, /^cpu_pool: no, as no worker can load its kind: .*import.meta.url/);
});

test("explain() says in words what a kind is known to take, and why it runs where it does", async () => {
  const { world, why } = await createTold();
  for (let i = 0; i < 10; i++) {
    offer(world, "shared", { ms: 20 }, { computeCost: 5 });
    offer(world, "group", { ms: 0.5 });
    world.clock.run();
  }
  const [known, pool, inline, spawn] = why("shared", { computeCost: 5, latencyBudgetMs: 100 });
  assert.match(
    known,
    /^A job of kind "shared" at a cost of 5 takes at most 20 ms in 94 % of the runs, 20 ms on average: so/,
  );
  assert.equal(
    inline,
    "inline, 20 ms: no, as some of the last runs blocked their thread for 20 ms, and jobs may block " +
      "this one for 8 ms at a time.",
  );
  assert.equal(
    spawn,
    "spawn, 20 ms: no, as it would block this thread for 20 ms, and workers are there for that.",
  );
  assert.equal(
    pool,
    "cpu_pool, 20 ms: yes, as that is in time (it has 100 ms, and is likely to need 20 ms to run).",
  );
  assert.match(why("group")[1], /^inline, 0.5 ms: yes, as it is short/);
  const [, drop, , , late] = why("shared", { computeCost: 5, latencyBudgetMs: 10 });
  assert.match(drop, /^backpressure_drop: yes, as runs like it take longer than the 10 ms that it/);
  assert.match(late, /^cpu_pool, 20 ms: no, as that is too late \(it has 10 ms/);
  for (let i = 0; i < 9; i++) offer(world, "shared", { ms: 20 }, { latencyBudgetMs: 200 });
  const [, crowded] = why("shared", { computeCost: 5, latencyBudgetMs: 25 });
  assert.match(crowded, /^backpressure_drop.*: yes, as it would take time from others/);
});

test("explain() says why a job takes longer on average than nearly all of its kind do", async () => {
  const { world, why } = await createTold();
  for (let i = 0; i < 100; i++) {
    offer(world, "shared", { ms: i % 25 === 5 ? 50 : 1 });
    world.clock.run();
  }
  const [known] = why("shared");
  const [, mostMs, meanMs] =
    / takes at most (\S+) ms in 94 % of the runs, far longer in a few, (\S+) ms on average: /
      .exec(known) ?? assert.fail(known);
  assert.ok(Number(mostMs) < 1.2 && Number(meanMs) > 2, known);
});

test("explain() tells what each strategy would cost, in numbers and in words", async () => {
  const { world, why } = await createTold();
  for (let i = 0; i < 10; i++) {
    offer(world, "shared", { ms: 20 });
    world.clock.run();
  }
  for (let i = 0; i < 3; i++) offer(world, "shared", { ms: 20 });
  const { costs = [] } = world.router.explain("shared", { id: 1, ms: 20 });
  const rounded = costs.map(({ strategy, waitMs, runMs, blocksMs }) => [
    strategy,
    ...[waitMs, runMs, blocksMs].map((ms) => ms === undefined ? "unknown" : Math.round(ms)),
  ]);
  assert.deepEqual(rounded, [
    ["inline", 0, 20, 20],
    ["spawn", 0, 20, 20],
    ["cpu_pool", 60, 20, "unknown"],
  ]);
  assert.match(why("shared")[1], /^cpu_pool, 80 ms \(60 ms waiting, 20 ms running\): yes/);
  world.clock.run();
});

test("explain() says which lane cannot take what the policy sends it", async () => {
  const limits = { cpuParallelism: 1, minWorkers: 1, cpuQueueCapacity: 1 };
  const world = await createWorld({ policy: adaptivePolicy(), ...limits });
  for (let i = 0; i < 3; i++) offer(world, "shared", { ms: 20 });
  const { strategy, why = [] } = world.router.explain("shared", { id: 1, ms: 20 });
  assert.equal(strategy, "backpressure_drop");
  assert.equal(
    why.at(-1),
    "But cpu_pool cannot take it now (lane_full): it is backpressure_drop.",
  );
  world.clock.run();
});

test("explain() says in words what batches would save, and when they form", async () => {
  const batchWords = async (costs: Costs, known = true) => {
    const world = await createBatching({ cpuParallelism: 1, costs, known });
    const words = () =>
      world.router.explain("group", { id: 1, ms: 1 }).why!.find((line) => line.startsWith("batch"))!
        .replace(/^batch[^:]*/, "batch");
    const before = words();
    for (let id = 0; id < 2; id++) offer(world, "group", { id, ms: 1 });
    return [before, words()];
  };
  const times = "it takes 0.35 ms in a batch of 8, and 2.1 ms alone";
  assert.deepEqual(await batchWords({}), [
    `batch: no, as nobody has to wait now; ${times}.`,
    `batch: yes, as it waits anyway, and ${times}.`,
  ]);
  assert.match(
    (await batchWords({ batchMs: 0, eachMs: 4 }))[0],
    /^batch: no, as that does not pay: it takes \d\.?\d* ms in a batch of 8, and 2.1 ms alone/,
  );
  assert.equal(
    (await batchWords({}, false))[0],
    "batch: no, as nobody knows yet whether that pays.",
  );
});

test("what a policy says that is none is counted, and not told", async () => {
  for (
    const explain of [
      () => {
        throw new Error("speechless");
      },
      () => "one" as never,
      () => Promise.reject(new Error("later")) as never,
    ]
  ) {
    const { world, why } = await createTold({ ...adaptivePolicy(), explain });
    assert.deepEqual(why("shared"), []);
    assert.equal(world.router.stats().listenerErrors, 1);
  }
  const { why } = await createTold({ ...adaptivePolicy(), explain: () => Array(99).fill(7) });
  assert.deepEqual([...new Set(why("shared"))], ["7"]);
  assert.equal(why("shared").length, 20);
});
