// Jobs of an asynchronous kind of which as many run as are worth having at a time: 31, at first.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Policy } from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import {
  createWorld,
  defineSet,
  offer,
  type Task,
  Told,
  type World,
  type WorldOptions,
} from "../virtual/world.ts";

const LIMIT = 31;

/** A world in which as many jobs of the kind `local` run as may at a time, until 100. */
async function createFull(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld({ policy: forcedPolicy("inline"), ...options });
  fill(world);
  return world;
}

function fill(world: World, kind = "local"): Told[] {
  return Array.from({ length: LIMIT }, () => offer(world, kind, { ms: 100, later: true }));
}

/** Offers one more, which notes in `started` that it runs. */
function more(world: World, started: number[], id: number, options = {}, task: Partial<Task> = {}) {
  const onRun = () => void started.push(id);
  return offer(world, "local", { id, ms: 10, later: true, onRun, ...task }, options);
}

test("a job of a kind that is at its limit waits for its turn, and says why", async () => {
  const world = await createFull();
  const reasons: string[] = [];
  world.router.onDecision(({ reason }) => void reasons.push(reason));
  const started: number[] = [];
  const jobs = [1, 2, 3].map((id) => more(world, started, id));
  world.clock.runUntil(99);
  assert.deepEqual(reasons, ["kind_full", "kind_full", "kind_full"]);
  assert.deepEqual([started, world.router.load.spawnWaiting], [[], 3]);
  world.clock.run();
  assert.deepEqual(jobs.map(({ story }) => story), new Array(3).fill("spawn completed"));
  assert.equal(world.router.load.spawnWaiting, 0);
});

test("jobs of a kind at its limit start by priority, then in the order in which they came", async () => {
  const world = await createFull({ priorityAgeingMs: 1_000 });
  const started: number[] = [];
  for (const id of [1, 2, 3]) more(world, started, id);
  world.clock.runUntil(50);
  for (const id of [4, 5]) more(world, started, id, { priority: 9 });
  for (const id of [6, 7]) more(world, started, id);
  world.clock.run();
  assert.deepEqual(started, [4, 5, 1, 2, 3, 6, 7]);
});

test("jobs of a kind at its limit start in the order of a policy that has one", async () => {
  const policy: Policy = { ...forcedPolicy("inline"), order: (job) => -job.computeCost };
  const world = await createFull({ policy });
  const started: number[] = [];
  for (const id of [1, 3, 2]) more(world, started, id, { computeCost: id });
  world.clock.runUntil(50);
  for (const id of [5, 4]) more(world, started, id, { computeCost: id });
  world.clock.run();
  assert.deepEqual(started, [5, 4, 3, 2, 1]);
});

test("a job that comes as another ends does not overtake those that wait", async () => {
  const world = await createWorld({ policy: forcedPolicy("inline") });
  const started: number[] = [];
  let id = 100;
  /** A client that asks again as soon as it has an answer. */
  const ask = () => {
    const task = { id, ms: 10, later: true, onRun: () => void started.push(-1) };
    if (id++ < 400) world.router.offer("local", task, undefined, new Told(ask));
  };
  for (let i = 0; i < LIMIT; i++) ask();
  for (const id of [1, 2, 3]) more(world, started, id);
  world.clock.runUntil(25);
  assert.deepEqual(started.filter((id) => id > 0), [1, 2, 3]);
  world.clock.run();
});

test("as many begin as the limit has grown, once it has", async () => {
  const world = await createWorld({ policy: forcedPolicy("inline") });
  let [running, most, asked] = [0, 0, 0];
  const ask = () => {
    if (asked++ > 3_000) return;
    const onRun = () => void (most = Math.max(most, ++running));
    const told = new Told(() => {
      running--;
      ask();
    });
    world.router.offer("local", { id: 1, ms: 10, later: true, onRun }, undefined, told);
  };
  for (let i = 0; i < 60; i++) ask();
  world.clock.run();
  assert.equal(most, 60);
});

test("a job that is dropped at its turn leaves that to the next", async () => {
  const policy: Policy = {
    ...forcedPolicy("inline"),
    admit: (job) => job.computeCost === 1 ? { reason: "shed" } : "run",
  };
  const world = await createFull({ policy });
  const started: number[] = [];
  const shed = Array.from({ length: 40 }, () => more(world, started, 0, { computeCost: 1 }));
  const last = more(world, started, 1);
  world.clock.run();
  assert.ok(shed.every(({ story }) => story === "spawn dropped shed"));
  assert.equal(last.story, "spawn completed");
});

test("a job of a kind at its limit is dropped when its budget is over, and its place is free", async () => {
  const world = await createFull();
  const started: number[] = [];
  const hasty = [1, 2].map((id) => more(world, started, id, { latencyBudgetMs: 50 }));
  const calm = more(world, started, 3);
  world.clock.runUntil(50.5);
  assert.deepEqual(hasty.map(({ story }) => story), new Array(2).fill("spawn dropped expired"));
  assert.equal(world.router.load.spawnWaiting, 1);
  world.clock.run();
  assert.deepEqual([started, calm.story], [[3], "spawn completed"]);
});

test("a job of a kind at its limit can be aborted, and its place is free", async () => {
  const world = await createFull({ spawnQueueCapacity: 2 });
  const started: number[] = [];
  const controller = new AbortController();
  const aborted = more(world, started, 1, { signal: controller.signal });
  const other = more(world, started, 2);
  world.clock.runUntil(10);
  assert.equal(more(world, started, 3).story, "backpressure_drop dropped lane_full");
  controller.abort();
  assert.equal(aborted.status, "cancelled");
  const late = more(world, started, 4);
  world.clock.run();
  assert.deepEqual([started, other.status, late.status], [[2, 4], "completed", "completed"]);
});

test("a job in a batch of a kind at its limit is dropped when its budget is over", async () => {
  const policy: Policy = {
    name: "batches",
    decide: (job) =>
      job.computeCost === 1
        ? { strategy: "batch", reason: "test" }
        : { strategy: "inline", reason: "test" },
  };
  const world = await createWorld({ policy, batchMaxSize: 2 });
  fill(world, "local_group");
  const gather = (options = {}) =>
    offer(world, "local_group", { ms: 5, later: true }, { computeCost: 1, ...options });
  const [hasty, calm] = [gather({ latencyBudgetMs: 50 }), gather()];
  const [first, second] = [gather({ latencyBudgetMs: 60 }), gather({ latencyBudgetMs: 60 })];
  world.clock.runUntil(70);
  assert.equal(hasty.story, "batch dropped expired");
  assert.deepEqual([first, second].map(({ story }) => story), new Array(2).fill(hasty.story));
  assert.equal(world.router.load.spawnWaiting, 1);
  world.clock.run();
  assert.equal(calm.story, "batch completed");
});

test("a job of a kind at its limit may give way to another", async () => {
  const policy: Policy<{ facts: unknown }> = {
    name: "evicts",
    init: () => ({ facts: undefined }),
    decide: () => ({ strategy: "inline", reason: "test" }),
    observe: (state, { type, job }) => void (type === "enqueue" ? state.facts = job : 0),
    evict: (job, _load, { facts }) =>
      job.computeCost === 1 ? { job: facts as never, reason: "gives_way" } : undefined,
  };
  const base = policy.decide;
  const world = await createFull({
    policy: {
      ...policy,
      decide: (job, load, state) =>
        job.computeCost === 1 ? { strategy: "spawn", reason: "test" } : base(job, load, state),
    },
  });
  const started: number[] = [];
  const old = more(world, started, 1);
  world.clock.runUntil(10);
  const young = more(world, started, 2, { computeCost: 1 });
  assert.equal(old.story, "spawn dropped gives_way");
  world.clock.run();
  assert.deepEqual([started, young.status], [[2], "completed"]);
});

test("close() has jobs of a kind at its limit run while it drains, and cancels the others", async () => {
  for (const [drainMs, status] of [[1_000, "completed"], [50, "cancelled"]] as const) {
    const world = await createFull();
    const jobs = [1, 2, 3].map((id) => more(world, [], id));
    world.clock.runUntil(10);
    const closing = world.router.close({ drainMs });
    world.clock.run();
    await closing;
    assert.deepEqual(jobs.map((job) => job.status), new Array(3).fill(status));
    assert.deepEqual([world.router.load.spawnWaiting, world.clock.pending], [0, 0]);
  }
});

test("jobs of a kind at its limit keep no job of another kind waiting, or out", async () => {
  const world: World = await createWorld({
    policy: forcedPolicy("spawn"),
    spawnConcurrency: 1_000,
    jobs: [defineSet({
      io: {
        run: () => {
          world.clock.occupy(4);
          return { then: (ok: (n: number) => void) => void world.clock.setTimer(500, ok, 0) };
        },
      },
      other: { run: () => world.clock.occupy(2) },
    })],
  });
  for (let i = 0; i < 4; i++) {
    offer(world, "io");
    offer(world, "other");
  }
  world.clock.run(); // how long they keep this thread busy is known
  for (let i = 0; i < 40; i++) offer(world, "io");
  world.clock.advance(LIMIT * 4 + 1);
  assert.deepEqual([world.router.load.spawnWaiting, world.router.load.spawnWorkMs], [9, 0]);
  const told = offer(world, "other", {}, { latencyBudgetMs: 20 });
  world.clock.advance(3);
  assert.equal(told.story, "spawn completed");
  world.clock.run();
  assert.equal(world.router.stats().completed, 49);
});

test("a job that would wait too long for its kind is refused, as far as that is known", async () => {
  const world = await createFull();
  const unknown = more(world, [], 0, { latencyBudgetMs: 300 });
  world.clock.run();
  assert.equal(unknown.story, "spawn completed", "no run had ended");
  fill(world);
  for (let id = 0; id < LIMIT; id++) more(world, [], id, {}, { ms: 100 });
  world.clock.advance(10);
  const calm = more(world, [], 1, { latencyBudgetMs: 1_000 });
  assert.equal(
    more(world, [], 1, { latencyBudgetMs: 150 }).story,
    "backpressure_drop dropped spawn_saturated",
  );
  world.clock.run();
  assert.equal(calm.status, "completed");
});
