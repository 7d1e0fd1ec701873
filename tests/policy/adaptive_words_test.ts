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
    'Nothing is known yet of how long a "shared" takes.',
    "inline: no, as 8 runs at such a cost are wanted first, of 0.",
    "cpu_pool: possible: it would wait for 0 ms; it has no budget.",
  ]);
  assert.match(
    why("local")[2],
    /^cpu_pool: no, as it was defined without a module: .*import.meta.url/,
  );
});

test("explain() says in words what a kind is known to take, and why it runs where it does", async () => {
  const { world, why } = await createTold();
  for (let i = 0; i < 10; i++) {
    offer(world, "shared", { ms: 20 }, { computeCost: 5 });
    offer(world, "group", { ms: 0.5 });
    world.clock.run();
  }
  const [known, inline, pool] = why("shared", { computeCost: 5, latencyBudgetMs: 100 });
  assert.match(
    known,
    /^A "shared" at a cost of 5 takes 20 ms; 94 % of them take 20 ms at most, by \d+ runs/,
  );
  assert.equal(
    inline,
    "inline: no, as some of the last runs blocked their thread for 20 ms, over the slice of 8 ms.",
  );
  assert.match(
    pool,
    /^cpu_pool: possible: it would wait for 0 ms, and is likely to need 20 ms, of 100 ms/,
  );
  assert.match(why("group")[1], /^inline: yes, as it is short/);
  assert.match(
    why("shared", { computeCost: 5, latencyBudgetMs: 10 })[2],
    /^cpu_pool: no, as .*: too late\./,
  );
});

test("explain() says in words what batches would save, and when they form", async () => {
  const batchWords = async (costs: Costs, known = true) => {
    const world = await createBatching({ cpuParallelism: 1, costs, known });
    const words = () => world.router.explain("group", { id: 1, ms: 1 }).why!.at(-1);
    const before = words();
    for (let id = 0; id < 2; id++) offer(world, "group", { id, ms: 1 });
    return [before, words()];
  };
  const each = "batch: as a batch of 8 it would take 0.35 ms each instead of 2.1 ms;";
  assert.deepEqual(await batchWords({}), [
    `${each} now it would go alone, as nobody has to wait.`,
    `${each} gathers while it waits for its turn.`,
  ]);
  assert.match(
    (await batchWords({ batchMs: 0, eachMs: 4 }))[1]!,
    /^batch: no, as a batch of 8 it would take \d\.?\d* ms each instead of 2.1 ms/,
  );
  assert.deepEqual(
    (await batchWords({}, false))[0],
    "batch: nobody knows yet what a batch of it takes; it would go alone.",
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
