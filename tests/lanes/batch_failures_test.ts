import assert from "node:assert/strict";
import { test } from "node:test";
import { JobFailedError, WorkerCrashedError } from "../../mod.ts";
import type { AnyKind } from "../../src/define/jobs.ts";
import { createWorld, defineSet, offer } from "../virtual/world.ts";
import { offerMany, scaling, stories } from "./batch_offers.ts";

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
      assert.match((job.value as Error).message, /must be an array of length 2: received/);
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
  assert.equal(most, 5); // with one for the worker
  assert.deepEqual(batch.map((job) => job.status), ["failed", "completed", "failed", "failed"]);
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

test("BatchLane does not try a crashed batch again of which a buffer was moved", async () => {
  const world = await createWorld({ batchMaxSize: 2 });
  const transfer = [new ArrayBuffer(8)];
  const jobs = [
    offer(world, "steady_group", { end: "crash" }, scaling),
    offer(world, "steady_group", {}, { ...scaling, transfer }),
  ];
  world.clock.run();
  assert.deepEqual(stories(jobs), ["batch failed", "batch failed"]);
  assert.equal(world.ports.calls.length, 1);
});
