import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy, type Policy } from "../../mod.ts";
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
