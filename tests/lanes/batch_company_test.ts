// Batches that form in the queue, as a worker gets free.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Decision, type Policy } from "../../mod.ts";
import { offer, type Told } from "../virtual/world.ts";
import { arrive, callsFrom, createBatching, modelOf, small } from "./batch_world.ts";
import { stories } from "./batch_offers.ts";

const mean = (jobs: readonly Told[]) =>
  jobs.reduce((sum, { job }) => sum + job!.totalMs, 0) / jobs.length;

test("a job goes alone and at once while a worker is free", async () => {
  const world = await createBatching();
  const jobs = [small(world, 1), small(world, 2)];
  world.clock.run();
  assert.deepEqual(callsFrom(world, 0), [1, 2]);
  assert.deepEqual(stories(jobs), Array(2).fill("cpu_pool completed"));
  assert.deepEqual(jobs.map(({ job }) => job!.totalMs), [2.1, 2.1]);
});

test("jobs that wait for a worker go together when one gets free", async () => {
  const world = await createBatching({ cpuParallelism: 1 });
  const jobs = Array.from({ length: 6 }, (_, id) => small(world, id));
  const { poolWaiting, poolRunning } = world.router.stats().load;
  assert.deepEqual([poolWaiting, poolRunning], [5, 1]);
  world.clock.run();
  assert.deepEqual(callsFrom(world, 0), [0, [1, 2, 3, 4, 5]]);
  assert.deepEqual(jobs.map(({ job }) => job!.value), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(jobs.map(({ job }) => job!.batchSize), [1, 5, 5, 5, 5, 5]);
  assert.ok(jobs.slice(1).every(({ story }) => story === "batch completed"));
});

test("a batch has batchMaxSize jobs at most", async () => {
  const world = await createBatching({ cpuParallelism: 1, batchMaxSize: 3 });
  for (let id = 0; id < 8; id++) small(world, id);
  world.clock.run();
  assert.deepEqual(callsFrom(world, 0), [0, [1, 2, 3], [4, 5, 6], 7]);
});

test("what is beyond its fixed part is shared by the workers", async () => {
  // 5 ms for each: together they would be done only long after a second worker is free.
  const world = await createBatching({ costs: { aloneMs: 7, batchMs: 2, eachMs: 5 } });
  for (let id = 0; id < 8; id++) small(world, id);
  world.clock.run();
  const sizes = callsFrom(world, 2).map((call) => Array.isArray(call) ? call.length : 1);
  assert.ok(Math.max(...sizes) <= 4, `${sizes}`);
});

test("batches form when more comes than can be done alone, and save their fixed parts", async () => {
  const world = await createBatching({ known: false });
  const jobs = arrive(world, 3, 1_000, { latencyBudgetMs: 100 }); // 1.4 times what could be done in 1 ms
  assert.ok(jobs.every(({ status }) => status === "completed"));
  assert.ok(world.ports.calls.length < jobs.length / 2, `${world.ports.calls.length} calls`);
  assert.ok(mean(jobs.slice(100)) < 5, `${mean(jobs.slice(100))} ms`);
  const { fixedMs, itemMs } = modelOf(world).batch({ index: 3 }, NaN);
  assert.ok(Math.abs(fixedMs - 2) < 0.2 && Math.abs(itemMs - 0.1) < 0.02, `${fixedMs}, ${itemMs}`);
});

test("at low load no job waits for company", async () => {
  const world = await createBatching();
  const jobs = arrive(world, 0.05, 2_000);
  const alone = jobs.filter(({ job }) => job!.waitMs < 1e-6);
  assert.ok(alone.length > 0.97 * jobs.length, `${alone.length} of ${jobs.length}`);
  assert.ok(world.ports.calls.filter(({ isBatch }) => isBatch).length <= 1);
});

test("a kind whose runBatch saves nothing goes back to single runs, and is tried again rarely", async () => {
  const world = await createBatching({ known: false, costs: { batchMs: 0, eachMs: 2 } });
  const jobs = arrive(world, 0.85, 4_000, { latencyBudgetMs: 100 });
  const batches = world.ports.calls.filter(({ isBatch }) => isBatch);
  assert.ok(batches.length >= 6 && batches.length <= 14, `${batches.length} batches`);
  assert.ok(jobs.every(({ status }) => status === "completed"));
});

test("batches are given up when they no longer pay, and taken up when they do again", async () => {
  let batchMs = 2;
  let eachMs = 0;
  const world = await createBatching({
    cpuParallelism: 1,
    model: {
      serve: ({ isBatch, payload }) => {
        const tasks = isBatch ? payload as { id: number }[] : [payload as { id: number }];
        const ms = isBatch ? batchMs + tasks.length * (0.1 + eachMs) : 2.1;
        return { ms, value: isBatch ? tasks.map(({ id }) => id) : tasks[0].id };
      },
    },
  });
  const share = (): number => {
    const before = world.ports.calls.length;
    arrive(world, 0.8, 2_000, { latencyBudgetMs: 50 });
    const calls = world.ports.calls.slice(before + 100);
    return calls.filter(({ isBatch }) => isBatch).length / calls.length;
  };
  assert.ok(share() > 0.4);
  [batchMs, eachMs] = [0, 6];
  assert.ok(share() < 0.1);
  [batchMs, eachMs] = [2, 0];
  share(); // it may take a few tries
  assert.ok(share() > 0.4);
});

test("a job that leaves while it waits frees its place, and is not in the batch", async () => {
  const world = await createBatching({ cpuParallelism: 1 });
  const controller = new AbortController();
  small(world, 0);
  const gone = small(world, 1, { signal: controller.signal });
  const late = small(world, 2, { latencyBudgetMs: 1 });
  small(world, 3);
  small(world, 4);
  controller.abort();
  assert.equal(world.router.stats().load.poolWaiting, 2 + (late.status === "pending" ? 1 : 0));
  world.clock.run();
  assert.deepEqual([gone.status, late.status], ["cancelled", "dropped"]);
  assert.deepEqual(callsFrom(world, 0), [0, [3, 4]]);
  const { poolWaiting, poolRunning, batchWaiting } = world.router.stats().load;
  assert.deepEqual([poolWaiting, poolRunning, batchWaiting], [0, 0, 0]);
});

test("a running batch is told to stop only when no one waits for it any more", async () => {
  const world = await createBatching({ cpuParallelism: 1 });
  small(world, 0);
  const [a, b] = [new AbortController(), new AbortController()];
  const jobs = [a, b].map(({ signal }, id) => small(world, 1 + id, { signal }));
  world.clock.advance(3);
  assert.deepEqual(callsFrom(world, 1), [[1, 2]]);
  a.abort();
  assert.deepEqual([jobs[0].status, world.ports.aborted.length], ["cancelled", 0]);
  b.abort();
  assert.equal(world.ports.aborted.length, 1);
  world.clock.run();
});

test("no job is late because of those that go with it", async () => {
  const world = await createBatching({ cpuParallelism: 1, costs: { eachMs: 2, aloneMs: 4 } });
  small(world, 0); // until 4.1
  const budgets = { latencyBudgetMs: 12.5 }; // time for two of 2.1 ms, and not for three
  const jobs = Array.from({ length: 6 }, (_, id) => small(world, 1 + id, budgets));
  world.clock.run();
  const done = jobs.filter(({ status }) => status === "completed");
  assert.ok(done.length >= 2);
  assert.ok(
    done.every(({ job }) => job!.totalMs <= 12.5),
    `${done.map(({ job }) => job!.totalMs)}`,
  );
});

test("no more urgent job is held up by a batch", async () => {
  const world = await createBatching({ cpuParallelism: 1 });
  small(world, 0);
  for (let id = 1; id <= 3; id++) small(world, id, { latencyBudgetMs: 500 });
  const urgent = offer(world, "shared", { id: 50, ms: 1 }, { priority: 9 });
  for (let id = 4; id <= 6; id++) small(world, id, { latencyBudgetMs: 500, priority: 9 });
  world.clock.run();
  assert.equal(urgent.status, "completed");
  const calls = callsFrom(world, 1);
  const at = calls.findIndex((call) => [call].flat().includes(50));
  const before = calls.slice(0, at).flat();
  assert.ok(!before.some((id) => id >= 1 && id <= 3), `${JSON.stringify(calls)}`);
});

test("a job of another kind that is due soon is not made late by a batch", async () => {
  const run = async (latencyBudgetMs: number) => {
    const world = await createBatching({ cpuParallelism: 1, costs: { eachMs: 1, aloneMs: 3 } });
    for (let i = 0; i < 20; i++) {
      modelOf(world).learn({ index: 2 }, NaN, 3, 3, world.clock.now());
    }
    small(world, 0);
    for (let id = 1; id <= 6; id++) small(world, id, { latencyBudgetMs: 11 });
    const other = offer(world, "shared", { id: 50, ms: 1 }, { latencyBudgetMs });
    world.clock.run();
    return { other: other.status, calls: callsFrom(world, 1) };
  };
  const { other, calls } = await run(13);
  assert.equal(other, "completed");
  assert.ok([calls[0]].flat().length <= 4, JSON.stringify(calls));
});

test("jobs of a lost batch run alone, if they may, and nobody joins them", async () => {
  const world = await createBatching({ cpuParallelism: 1 });
  small(world, 0, {}, "steady_group");
  const ends = ["ok", "crash", "ok"] as const;
  const jobs = ends.map((end, i) =>
    offer(world, "steady_group", { id: 1 + i, ms: 0.1, end }, { latencyBudgetMs: 5_000 })
  );
  world.clock.run();
  assert.deepEqual(jobs.map(({ status }) => status), ["completed", "failed", "completed"]);
  assert.deepEqual(callsFrom(world, 1), [[1, 2, 3], 1, 2, 3]);
});

/** A policy by which every job may wait so long for others. */
const gathering = (gatherMs: number): Policy => {
  const decision: Decision = { strategy: "batch", reason: "test", gatherMs };
  return { name: "gathering", decide: () => decision };
};

test("a policy may say how long a job waits for others, batchMaxDelayMs at most", async () => {
  for (const [gatherMs, waitMs] of [[3, 3], [100, 10], [0, 0], [NaN, 0], [-1, 0]] as const) {
    const world = await createBatching({ policy: gathering(gatherMs), batchMaxDelayMs: 10 });
    const job = small(world, 1, { latencyBudgetMs: 30 });
    world.clock.run();
    assert.ok(Math.abs(job.job!.waitMs - waitMs) < 1e-6, `${gatherMs}: ${job.job!.waitMs}`);
    assert.deepEqual(callsFrom(world, 0), [1], "one alone needs no batch");
  }
});

test("who comes while a batch gathers joins it, and ends that if it must not wait", async () => {
  let gatherMs = 5;
  const policy: Policy = {
    name: "gathering",
    decide: () => ({ strategy: "batch", reason: "test", gatherMs }),
  };
  const world = await createBatching({ policy });
  const first = small(world, 1);
  world.clock.advance(1);
  gatherMs = 20;
  const second = small(world, 2);
  assert.equal(world.router.stats().load.batchWaiting, 2);
  world.clock.run();
  assert.deepEqual([first.job!.waitMs, second.job!.waitMs].map(Math.round), [5, 4]);
  small(world, 3);
  gatherMs = 0;
  const hasty = small(world, 4);
  world.clock.run();
  assert.equal(hasty.job!.waitMs, 0);
  assert.deepEqual(callsFrom(world, 0), [[1, 2], [3, 4]]);
});
