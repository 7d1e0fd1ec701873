import assert from "node:assert/strict";
import { test } from "node:test";
import { JobFailedError, WorkerCrashedError } from "../../mod.ts";
import type { AnyKind } from "../../src/jobs.ts";
import { createWorld, defineSet, offer, type Told, type World } from "../virtual/world.ts";

const scaling = { computeCost: 100_000, scalingPotential: 0.9 };

function offerMany(world: World, kind: string, count: number, options = {}): Told[] {
  return Array.from(
    { length: count },
    (_, id) => offer(world, kind, { id }, { ...scaling, ...options }),
  );
}

/** Sizes of the calls that workers got. */
function callSizes({ ports }: World): number[] {
  return ports.calls.map(({ payload }) => (payload as readonly unknown[]).length);
}

const stories = (jobs: readonly Told[]) => jobs.map((job) => job.story);

test("BatchLane closes a batch at batchMaxSize", async () => {
  const world = await createWorld({ batchMaxSize: 3, batchMaxDelayMs: 1_000 });
  const jobs = offerMany(world, "group", 7);
  assert.deepEqual([world.router.stats().load.batchWaiting], [1]);
  world.clock.advance(100);
  assert.deepEqual(callSizes(world), [3, 3]);
  assert.equal(jobs.filter((job) => job.status === "completed").length, 6);
  world.clock.run();
  assert.deepEqual(callSizes(world), [3, 3, 1]);
  assert.deepEqual(jobs.map((job) => job.job?.value), [0, 2, 4, 6, 8, 10, 12]);
  assert.ok(world.ports.calls.every((call) => call.isBatch));
});

test("BatchLane closes a batch batchMaxDelayMs after its first job", async () => {
  const world = await createWorld({ batchMaxDelayMs: 10 });
  const first = offer(world, "group", {}, scaling);
  world.clock.advance(9);
  const second = offer(world, "group", {}, scaling);
  assert.equal(world.router.stats().load.batchWaiting, 2);
  world.clock.advance(1);
  assert.deepEqual(world.router.stats().load.batchWaiting, 0);
  world.clock.run();
  assert.deepEqual(callSizes(world), [2]);
  // 10 until it is closed, 1 until a worker is there, 2 of work
  assert.deepEqual([first.job?.totalMs, second.job?.totalMs], [13, 4]);
});

test("BatchLane never lets a job wait for others longer than a quarter of its budget", async () => {
  const world = await createWorld({ batchMaxDelayMs: 100, minWorkers: 1 });
  const start = world.clock.now();
  const patient = offer(world, "group", { ms: 0 }, scaling);
  world.clock.advance(5);
  const hasty = offer(world, "group", { ms: 0 }, { ...scaling, latencyBudgetMs: 40 });
  world.clock.runUntil(start + 14);
  assert.equal(world.ports.calls.length, 0);
  world.clock.runUntil(start + 15);
  assert.deepEqual(callSizes(world), [2]);
  assert.deepEqual(stories([patient, hasty]), ["batch completed", "batch completed"]);
  const least = offer(world, "group", { ms: 0 }, { ...scaling, latencyBudgetMs: 4_000 });
  world.clock.advance(100);
  assert.equal(least.status, "completed", "a large budget does not lengthen the wait");
});

test("BatchLane gathers each kind by itself", async () => {
  const world = await createWorld({ batchMaxSize: 2 });
  const jobs = ["group", "steady_group", "group", "steady_group"].map((kind) =>
    offer(world, kind, {}, scaling)
  );
  world.clock.run();
  assert.deepEqual(world.ports.calls.map((call) => call.kind), ["group", "steady_group"]);
  assert.ok(jobs.every((job) => job.story === "batch completed"));
});

test("BatchLane takes one permit for a batch", async () => {
  const world = await createWorld({ cpuParallelism: 1, batchMaxSize: 4 });
  offerMany(world, "group", 8);
  world.clock.advance(2);
  const { load } = world.router.stats();
  assert.deepEqual([load.poolRunning, load.poolWaiting, load.batchWaiting], [1, 4, 0]);
  assert.equal(world.ports.atWork, 1);
  world.clock.run();
  assert.equal(world.ports.mostAtWork, 1);
});

test("BatchLane frees the place of a gathering job that is aborted", async () => {
  const world = await createWorld({ batchMaxDelayMs: 10 });
  const controller = new AbortController();
  const gone = offer(world, "group", { id: 1 }, { ...scaling, signal: controller.signal });
  const stays = offer(world, "group", { id: 2 }, scaling);
  controller.abort("no");
  assert.deepEqual([gone.status, world.router.stats().load.batchWaiting], ["cancelled", 1]);
  world.clock.run();
  assert.deepEqual(callSizes(world), [1]);
  assert.equal(stays.job?.value, 4);
});

test("BatchLane forgets a batch that has lost all its jobs", async () => {
  const world = await createWorld({ batchMaxDelayMs: 10 });
  const controller = new AbortController();
  offerMany(world, "group", 2, { signal: controller.signal });
  world.clock.advance(6);
  controller.abort();
  assert.equal(world.router.stats().load.batchWaiting, 0);
  const next = offer(world, "group", {}, scaling);
  world.clock.advance(9);
  assert.equal(world.ports.calls.length, 0, "the next one has its whole delay");
  world.clock.run();
  assert.equal(next.status, "completed");
  assert.deepEqual(callSizes(world), [1]);
});

test("BatchLane takes an aborted job out of a batch that waits for a worker", async () => {
  const world = await createWorld({ cpuParallelism: 1, batchMaxSize: 2 });
  offer(world, "shared", { ms: 50 }, scaling);
  const controller = new AbortController();
  const signal = controller.signal;
  const [first, second] = [
    offer(world, "group", { id: 1 }, { ...scaling, signal }),
    offer(world, "group", { id: 2 }, scaling),
  ];
  const lone = offerMany(world, "steady_group", 2, { signal });
  assert.equal(world.router.stats().load.poolWaiting, 5);
  world.clock.advance(1);
  assert.equal(world.router.stats().load.poolWaiting, 4);
  controller.abort();
  assert.deepEqual([first, ...lone].map((job) => job.status), Array(3).fill("cancelled"));
  assert.equal(world.router.stats().load.poolWaiting, 1);
  world.clock.run();
  assert.deepEqual(stories([second]), ["batch completed"]);
  assert.deepEqual(world.ports.calls.map((call) => call.kind), ["shared", "group"]);
});

test("BatchLane tells a running batch to stop only when no one waits for it any more", async () => {
  const world = await createWorld({ batchMaxSize: 2 });
  const [a, b] = [new AbortController(), new AbortController()];
  const jobs = [a, b].map(({ signal }) =>
    offer(world, "group", { ms: 20 }, { ...scaling, signal })
  );
  world.clock.advance(5);
  a.abort();
  assert.deepEqual([jobs[0].status, world.ports.aborted.length], ["cancelled", 0]);
  b.abort();
  assert.equal(world.ports.aborted.length, 1);
  assert.equal(world.router.stats().load.poolRunning, 1, "the permit stays out until it ends");
  world.clock.run();
  assert.equal(world.router.stats().load.poolRunning, 0);
});

test("BatchLane counts gathering jobs against the pool's capacity", async () => {
  const world = await createWorld({ cpuQueueCapacity: 3, batchMaxDelayMs: 100 });
  const gathering = offerMany(world, "group", 2);
  const queued = offer(world, "shared", {}, { computeCost: 100_000 });
  const refused = offer(world, "shared", {}, { computeCost: 100_000 });
  const refusedToo = offer(world, "group", {}, scaling);
  assert.deepEqual(stories([refused, refusedToo]), [
    "backpressure_drop dropped pool_saturated",
    "backpressure_drop dropped pool_saturated",
  ]);
  const { poolWaiting, batchWaiting } = world.router.stats().load;
  assert.deepEqual([poolWaiting, batchWaiting], [1, 2]);
  world.clock.run();
  assert.ok([...gathering, queued].every((job) => job.status === "completed"));
});

test("BatchLane drops a gathering job whose budget runs out", async () => {
  const world = await createWorld({ cpuParallelism: 1, batchMaxSize: 2 });
  offer(world, "shared", { ms: 100 }, scaling);
  const [late, patient] = [
    offer(world, "group", {}, { ...scaling, latencyBudgetMs: 30 }),
    offer(world, "group", {}, scaling),
  ];
  world.clock.runUntil(30);
  assert.equal(late.story, "batch dropped expired");
  assert.equal(world.router.stats().load.poolWaiting, 1);
  world.clock.run();
  assert.equal(patient.story, "batch completed");
  assert.deepEqual(callSizes(world).at(-1), 1);
});

test("BatchLane leaves out what expired while the loop was occupied", async () => {
  const world = await createWorld({ batchMaxDelayMs: 10, minWorkers: 1 });
  const jobs = [
    offer(world, "group", {}, { ...scaling, latencyBudgetMs: 60 }),
    offer(world, "group", {}, { ...scaling, latencyBudgetMs: 1_000 }),
  ];
  world.clock.occupy(100);
  world.clock.run();
  assert.deepEqual(stories(jobs), ["batch dropped expired", "batch completed"]);
  assert.deepEqual(callSizes(world), [1]);
});

test("BatchLane survives a sink that aborts others while a batch is being started", async () => {
  const world = await createWorld({ batchMaxDelayMs: 10, minWorkers: 1 });
  const controller = new AbortController();
  const first = offer(world, "group", {}, { ...scaling, signal: controller.signal });
  world.router.offer("group", { id: 2, ms: 1 }, { ...scaling, latencyBudgetMs: 60 }, {
    settled: () => controller.abort(),
    refused: assert.fail,
  });
  world.clock.occupy(100); // the second is dropped when the batch starts, after the first was asked
  world.clock.run();
  assert.equal(first.story, "batch cancelled");
  const { load, doubleSettled, inFlight } = world.router.stats();
  assert.deepEqual([load.poolWaiting, load.poolRunning, doubleSettled, inFlight], [0, 0, 0, 0]);
  assert.equal(world.ports.calls.length, 0);
});

test("BatchLane asks again after a sink has taken the time of the others", async () => {
  const world = await createWorld({ batchMaxDelayMs: 10, minWorkers: 1 });
  const first = offer(world, "group", {}, { ...scaling, latencyBudgetMs: 110 });
  world.router.offer("group", { id: 2, ms: 1 }, { ...scaling, latencyBudgetMs: 60 }, {
    settled: () => world.clock.occupy(20),
    refused: assert.fail,
  });
  world.clock.occupy(100); // the first still has 10 ms, until the second one is dropped
  world.clock.run();
  assert.equal(first.story, "batch dropped expired");
  assert.equal(world.ports.calls.length, 0);
});

test("BatchLane runs batches of kinds without a module on this thread", async () => {
  const world = await createWorld({ batchMaxSize: 3, batchMaxDelayMs: 5 });
  const jobs = offerMany(world, "local_group", 4);
  assert.equal(world.router.stats().load.spawnWaiting, 4);
  world.clock.run();
  assert.ok(jobs.every((job) => job.story === "batch completed"));
  assert.deepEqual(jobs.map((job) => job.job?.value), [0, 2, 4, 6]);
  assert.equal(world.ports.all.length, 0);
  const [batch, alone] = [jobs[0].job!, jobs[3].job!];
  assert.deepEqual([batch.runMs, alone.runMs], [3, 1], "runMs is the call's");
});

test("BatchLane counts jobs of this thread against the spawn lane's capacity", async () => {
  const world = await createWorld({ spawnQueueCapacity: 2, batchMaxDelayMs: 5 });
  const jobs = offerMany(world, "local_group", 3);
  assert.deepEqual(stories(jobs), ["pending", "pending", "backpressure_drop dropped lane_full"]);
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.status), ["completed", "completed", "dropped"]);
});

test("BatchLane sends a kind without runBatch elsewhere", async () => {
  const policy = {
    name: "all",
    decide: () => ({ strategy: "batch" as const, reason: "test" }),
  };
  const world = await createWorld({ policy });
  const jobs = [offer(world, "shared"), offer(world, "local")];
  world.clock.run();
  assert.deepEqual(stories(jobs), ["cpu_pool completed", "spawn completed"]);
  assert.equal(world.router.explain("shared", { id: 1, ms: 1 }).reason, "no_run_batch");
});

test("BatchLane fails an item that is an Error, and that one alone", async () => {
  for (const kind of ["group", "local_group"]) {
    const world = await createWorld({ batchMaxSize: 3 });
    const jobs = [0, 1, 2].map((id) =>
      offer(world, kind, { id, end: id === 1 ? "throw" : "ok" }, scaling)
    );
    world.clock.run();
    assert.deepEqual(jobs.map((job) => job.status), ["completed", "failed", "completed"], kind);
    const error = jobs[1].job?.value;
    assert.ok(error instanceof JobFailedError);
    assert.equal((error.cause as Error).message, "task 1");
  }
});

test("BatchLane fails all items when runBatch gives something else than one result each", async () => {
  const wrong = [[1], [1, 2, 3], [], undefined, "two", { length: 2 }];
  for (const value of wrong) {
    const kinds: Record<string, AnyKind> = {
      odd: { cost: 1e6, scaling: 1, run: () => 0, runBatch: () => value as never },
    };
    const world = await createWorld({ batchMaxSize: 2, jobs: defineSet(kinds) });
    const jobs = [offer(world, "odd"), offer(world, "odd")];
    world.clock.run();
    for (const { job } of jobs) {
      assert.equal(job?.status, "failed");
      assert.match((job.value as Error).message, /must be an array of 2: received/);
    }
  }
});

test("BatchLane fails all items when runBatch throws", async () => {
  const cause = new Error("all of them");
  const runBatch = () => {
    throw cause;
  };
  const kinds: Record<string, AnyKind> = {
    odd: { cost: 1e6, scaling: 1, run: () => 0, runBatch },
  };
  const world = await createWorld({ batchMaxSize: 2, jobs: defineSet(kinds) });
  const jobs = [offer(world, "odd"), offer(world, "odd")];
  world.clock.run();
  for (const { job } of jobs) {
    assert.ok(job?.value instanceof JobFailedError);
    assert.equal(job.value.cause, cause);
  }
});

test("BatchLane fails all items of a crashed batch, or tries them again one by one", async () => {
  const world = await createWorld({ batchMaxSize: 3 });
  const ends = ["ok", "crash", "ok"] as const;
  const lost = ends.map((end, id) => offer(world, "group", { id, end }, scaling));
  const saved = ends.map((end, id) => offer(world, "steady_group", { id, end }, scaling));
  world.clock.run();
  assert.deepEqual(stories(lost), Array(3).fill("batch failed"));
  assert.deepEqual(stories(saved), ["batch completed", "batch failed", "batch completed"]);
  assert.deepEqual(saved.map((told) => told.job?.value === 0 || told.job?.value === 4), [
    ...[true, false, true],
  ]);
  const { routed, submitted } = world.router.stats();
  assert.deepEqual([routed.batch, submitted], [6, 6], "a second try is no second job");
});

test("BatchLane gives a job that is tried again the whole of its run timeout", async () => {
  const world = await createWorld({ cpuParallelism: 1, batchMaxSize: 2, model: { startMs: 10 } });
  const options = { ...scaling, runTimeoutMs: 20 };
  const ids = [1, 2];
  const jobs = ids.map((id) => offer(world, "steady_group", { id, ms: 15 }, options));
  world.clock.runUntil(25);
  world.ports.all[0].die(new Error("gone"));
  world.clock.run();
  assert.deepEqual(stories(jobs), ["batch completed", "batch completed"]);
  assert.deepEqual(jobs.map((told) => told.job?.totalMs), [50, 65]);
});

test("BatchLane keeps retried jobs within the queue's capacity", async () => {
  const world = await createWorld({ cpuParallelism: 1, cpuQueueCapacity: 4, batchMaxSize: 4 });
  const batch = [0, 1, 2, 3].map((id) =>
    offer(world, "steady_group", { id, ms: 5, end: id === 0 ? "crash" : "ok" }, scaling)
  );
  world.clock.advance(2);
  const waiting = Array.from({ length: 3 }, () => offer(world, "shared", { ms: 5 }, scaling));
  let most = 0;
  while (world.clock.step()) most = Math.max(most, world.router.stats().load.poolWaiting);
  assert.equal(most, 4);
  assert.deepEqual(batch.map((job) => job.status), Array(4).fill("failed"));
  assert.ok(waiting.every((job) => job.status === "completed"));
});

test("BatchLane fails with the worker's own error", async () => {
  const world = await createWorld({ batchMaxSize: 2, batchMaxDelayMs: 1_000 });
  const jobs = offerMany(world, "group", 2);
  world.clock.advance(2);
  world.ports.all[0].die(new WorkerCrashedError("Worker exited with code 1", 1));
  for (const { job } of jobs) {
    assert.ok(job?.value instanceof WorkerCrashedError);
    assert.equal(job.value.exitCode, 1);
  }
});

test("BatchLane lets a job that cannot be cloned fail alone", async () => {
  const world = await createWorld({ batchMaxSize: 2 });
  const jobs = (["ok", "uncloneable", "ok", "ok"] as const).map((end, id) =>
    offer(world, "group", { id, end }, scaling)
  );
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.status), [
    "completed",
    "failed",
    "completed",
    "completed",
  ]);
  assert.equal(((jobs[1].job?.value as Error).cause as Error).name, "DataCloneError");
});

test("BatchLane does not try a job again that was aborted by the sink of another one", async () => {
  const sent: number[] = [];
  const kind: AnyKind = {
    run: () => 0,
    runBatch: () => [],
    idempotent: true,
    transfer({ id }) {
      sent.push(id);
      if (sent.indexOf(id) < sent.length - 1) throw new Error("its buffer has been moved");
      return [];
    },
  };
  const world = await createWorld({
    batchMaxSize: 2,
    jobs: defineSet({ moved: kind }, "test:jobs"),
  });
  for (const id of [8, 9]) offer(world, "moved", { id, ms: 10 });
  world.clock.advance(20); // two workers are ready: one for the batch, one for the next try
  const controller = new AbortController();
  const first = { id: 1, ms: 1, end: "crash" };
  world.router.offer("moved", first, scaling, {
    settled: () => controller.abort(),
    refused: assert.fail,
  });
  const second = offer(world, "moved", { id: 2, ms: 1 }, { ...scaling, signal: controller.signal });
  world.clock.run();
  assert.equal(second.story, "batch cancelled");
  assert.equal(second.jobs.length, 1);
  const { submitted, failed, cancelled, completed, doubleSettled } = world.router.stats();
  assert.deepEqual([submitted, failed, cancelled, completed, doubleSettled], [4, 1, 1, 2, 0]);
  assert.equal(world.router.stats().load.inFlight, 0);
  assert.deepEqual(sent, [8, 9, 1, 2, 1], "it was not sent again");
});

test("BatchLane refuses what is above the pool's capacity, and all when the pool is closed", async () => {
  const policy = { name: "all", decide: () => ({ strategy: "batch" as const, reason: "test" }) };
  const world = await createWorld({ policy, cpuParallelism: 1, cpuQueueCapacity: 2 });
  const jobs = [1, 2, 3].map((id) => offer(world, "group", { id, end: "lost" }));
  assert.deepEqual(stories(jobs), ["pending", "pending", "backpressure_drop dropped lane_full"]);
  world.clock.run();
  assert.equal(world.router.stats().load.poolOpen, false);
  assert.equal(offer(world, "group").status, "dropped");
  const here = offer(world, "local_group");
  world.clock.run();
  assert.equal(here.story, "batch completed");
});
