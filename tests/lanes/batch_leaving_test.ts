import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyKind } from "../../src/define/jobs.ts";
import { createWorld, defineSet, offer } from "../virtual/world.ts";
import { callSizes, offerMany, scaling, stories } from "./batch_offers.ts";

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

test("BatchLane tells a batch on this thread to stop when no one waits for it any more", async () => {
  const signals: AbortSignal[] = [];
  const kind: AnyKind = {
    run: () => 0,
    runBatch(_inputs, { signal }) {
      signals.push(signal as AbortSignal);
      return new Promise(() => {});
    },
  };
  const world = await createWorld({ batchMaxSize: 2, jobs: defineSet({ patient: kind }) });
  const [a, b] = [new AbortController(), new AbortController()];
  for (const { signal } of [a, b]) offer(world, "patient", {}, { ...scaling, signal });
  world.clock.advance(5);
  a.abort();
  assert.deepEqual(signals.map(({ aborted }) => aborted), [false]);
  b.abort("enough");
  assert.deepEqual(signals.map(({ reason }) => reason), ["enough"]);
});
