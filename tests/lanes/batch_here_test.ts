// Batches of kinds without a module, which form while jobs wait for their turn on this thread.
import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy } from "../../mod.ts";
import { createWorld, defineSet, offer, outputOf, type Task } from "../virtual/world.ts";
import { stories } from "./batch_offers.ts";
import { modelOf } from "./batch_world.ts";

/** A world with one kind, whose calls take 2 ms and what its jobs take. */
async function createHere(later = false) {
  const calls: (number | number[])[] = [];
  let occupy = (_ms: number): void => {};
  let after = (_ms: number, give: () => unknown): unknown => give();
  const run = (task: Task) => {
    calls.push(task.id);
    if (later) return after(2 + task.ms, () => outputOf(task));
    occupy(2 + task.ms);
    return outputOf(task);
  };
  const runBatch = (tasks: readonly Task[]) => {
    calls.push(tasks.map(({ id }) => id));
    const ms = tasks.reduce((sum, task) => sum + task.ms, 2);
    if (later) return after(ms, () => tasks.map(outputOf));
    occupy(ms);
    return tasks.map(outputOf);
  };
  const kinds = { here: { run, runBatch }, other: { run } } as never;
  const world = await createWorld({ policy: adaptivePolicy(), jobs: defineSet(kinds) });
  occupy = (ms) => world.clock.occupy(ms);
  after = (ms, give) => ({
    then: (ok: (value: unknown) => void) =>
      void world.clock.setTimer(ms, () => ok(give()), undefined),
  });
  const model = modelOf(world);
  for (let i = 0; i < 20; i++) {
    model.learn({ index: 0 }, NaN, 2.1, 2.1, world.clock.now());
    const size = 1 + i % 8;
    model.learnBatch({ index: 0 }, new Array(size).fill(NaN), true, 2 + size / 10, 2 + size / 10);
  }
  return { world, calls };
}

const small = (id: number) => ({ id, ms: 0.1 });

test("jobs of one turn go together in the next, and one alone by run", async () => {
  const { world, calls } = await createHere();
  const jobs = Array.from({ length: 5 }, (_, id) => offer(world, "here", small(id)));
  assert.equal(world.router.stats().load.spawnWaiting, 5);
  world.clock.run();
  assert.deepEqual(calls, [[0, 1, 2, 3, 4]]);
  assert.deepEqual(stories(jobs), Array(5).fill("batch completed"));
  offer(world, "here", small(9));
  world.clock.run();
  assert.equal(calls.at(-1), 9);
  const { spawnWaiting, spawnRunning, spawnWorkMs } = world.router.stats().load;
  assert.deepEqual([spawnWaiting, spawnRunning, spawnWorkMs], [0, 0, 0]);
});

test("jobs go together though others came between them, unless these would be late", async () => {
  for (const [budget, first] of [[1_000, [0, 1, 2]], [5, 0]] as const) {
    const { world, calls } = await createHere();
    for (let i = 0; i < 20; i++) {
      modelOf(world).learn({ index: 1 }, NaN, 3, 3, world.clock.now());
    }
    for (let id = 0; id < 3; id++) {
      offer(world, "here", small(id), { latencyBudgetMs: 500 });
      if (id < 2) offer(world, "other", { id: 10 + id, ms: 1 }, { latencyBudgetMs: budget });
    }
    world.clock.run();
    if (budget === 1_000) assert.deepEqual(calls[0], first);
    else assert.ok([calls[0]].flat().length < 3, JSON.stringify(calls));
  }
});

test("a job that leaves while it waits for its turn is not in the batch", async () => {
  const { world, calls } = await createHere();
  const controller = new AbortController();
  offer(world, "here", small(1));
  const gone = offer(world, "here", small(2), { signal: controller.signal });
  offer(world, "here", small(3));
  controller.abort();
  assert.equal(world.router.stats().load.spawnWaiting, 2);
  world.clock.run();
  assert.equal(gone.status, "cancelled");
  assert.deepEqual(calls, [[1, 3]]);
});

test("jobs that are held for the limit of their kind go together when they may begin", async () => {
  const { world, calls } = await createHere(true);
  const jobs = Array.from({ length: 400 }, (_, id) => offer(world, "here", small(id)));
  world.clock.run();
  assert.ok(jobs.every(({ status }) => status === "completed"));
  assert.ok(calls.length < 80, `${calls.length} calls`);
  const { spawnWaiting, spawnRunning, inFlight } = world.router.stats().load;
  assert.deepEqual([spawnWaiting, spawnRunning, inFlight], [0, 0, 0]);
});
