// Jobs that wait for workers, and turn out to need none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy } from "../../mod.ts";
import { FairQueue } from "../../src/lanes/queue/fair_queue.ts";
import { compare, CONTESTANTS, WORKLOADS } from "../../src/simulation/mod.ts";
import { createWorld, offer, type World } from "../virtual/world.ts";

const LONG_MS = 100;

/** A world whose workers are both busy, and a kind of which one run is missing to be known as tiny. */
async function createNearlyKnown(): Promise<World> {
  const world = await createWorld({ policy: adaptivePolicy(), minWorkers: 2 });
  for (let i = 0; i < 7; i++) {
    offer(world, "steady_group", { ms: 0.4 });
    world.clock.advance(10);
  }
  offer(world, "shared", { ms: LONG_MS }); // how long this one takes is known then
  world.clock.advance(LONG_MS + 10);
  offer(world, "shared", { ms: LONG_MS });
  return world;
}

test("what turns out to be tiny does not wait behind what needs a worker", async () => {
  const world = await createNearlyKnown();
  const last = offer(world, "steady_group", { ms: 0.4 });
  const long = [1, 2].map(() =>
    offer(world, "shared", { ms: LONG_MS }, { latencyBudgetMs: 5 * LONG_MS })
  );
  const tiny = Array.from(
    { length: 5 },
    () => offer(world, "steady_group", { ms: 0.4 }, { latencyBudgetMs: 10 * LONG_MS }),
  );
  assert.deepEqual(tiny.map(({ status }) => status), Array(5).fill("pending"));
  world.clock.advance(10);
  assert.equal(last.story, "cpu_pool completed");
  assert.deepEqual(tiny.map(({ story }) => story), Array(5).fill("inline completed"));
  world.clock.run();
  assert.deepEqual(long.map(({ status }) => status), Array(2).fill("completed"));
});

test("what turns out to be tiny runs within the slice of each turn", async () => {
  const world = await createNearlyKnown();
  offer(world, "steady_group", { ms: 0.4 });
  offer(world, "shared", { ms: LONG_MS }, { latencyBudgetMs: 5 * LONG_MS });
  const { load } = world.router;
  const spentMs: number[] = [];
  const onRun = () => void spentMs.push(load.inlineTurnMs);
  const tiny = Array.from(
    { length: 60 },
    () => offer(world, "steady_group", { ms: 0.4, onRun }, { latencyBudgetMs: 10 * LONG_MS }),
  );
  world.clock.advance(LONG_MS / 2);
  const here = tiny.filter(({ story }) => story === "inline completed");
  assert.ok(here.length >= 55, "the last ones may be left to workers that hold one call each");
  assert.ok(Math.max(...spentMs) <= load.inlineSliceMs, `${Math.max(...spentMs)} ms`);
  assert.ok(spentMs.filter((ms) => ms < 0.4).length >= here.length * 0.4 / load.inlineSliceMs - 1);
  world.clock.run();
});

test("a new kind runs alone until it is known whether it is tiny", async () => {
  const world = await createWorld({ policy: adaptivePolicy(), minWorkers: 2 });
  const hints = { scalingPotential: 0.9, latencyBudgetMs: LONG_MS };
  const told = Array.from({ length: 100 }, () => offer(world, "steady_group", { ms: 0.4 }, hints));
  world.clock.run();
  const byEnd = told.map(({ job }) => job!).sort((a, b) => a.totalMs - b.totalMs);
  assert.deepEqual(byEnd.slice(0, 8).map(({ batchSize }) => batchSize), Array(8).fill(1));
  assert.equal(byEnd[9].strategy, "inline");
});

test("a new kind that is not short goes in batches once its first call has run", async () => {
  const world = await createWorld({ policy: adaptivePolicy(), minWorkers: 2 });
  const hints = { scalingPotential: 0.9 };
  const told = Array.from({ length: 30 }, () => offer(world, "steady_group", { ms: 5 }, hints));
  world.clock.run();
  const inBatches = told.filter(({ job }) => job!.batchSize > 1);
  assert.ok(inBatches.length >= 20, `${inBatches.length}`);
});

test("those that turn out to be tiny are looked for once, and not in each turn", async (t) => {
  const world = await createNearlyKnown();
  const looks = t.mock.method(FairQueue.prototype, "waitingOf");
  offer(world, "steady_group", { ms: 0.4 });
  offer(world, "shared", { ms: LONG_MS }, { latencyBudgetMs: 5 * LONG_MS });
  const tiny = Array.from(
    { length: 300 },
    () => offer(world, "steady_group", { ms: 0.4 }, { latencyBudgetMs: 10 * LONG_MS }),
  );
  world.clock.run();
  const here = tiny.filter(({ story }) => story === "inline completed");
  assert.ok(here.length > 250, `${here.length}`);
  assert.ok(looks.mock.callCount() < 10, `${looks.mock.callCount()} times`);
});

test("what is known for long, and is on workers as this thread is busy, is not called back", async () => {
  const workload = WORKLOADS.find(({ name }) => name === "slower")!;
  const { contestants: [adaptive] } = await compare(
    new Map([["adaptive", CONTESTANTS.adaptive.run], ["oracle", CONTESTANTS.oracle.run]]),
    { workload, costSays: "none", load: 4, repeat: 1, durationMs: 3_000 },
  );
  assert.ok(adaptive.score!.count > 0.93, `${adaptive.score!.count} of an oracle's jobs in budget`);
});
