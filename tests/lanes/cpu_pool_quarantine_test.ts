// What a try tells about a kind that has killed workers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld, offer, type Task, type Told, type World } from "../virtual/world.ts";
import { heavy, offerMany } from "./pool_offers.ts";

const BARRED = "backpressure_drop dropped kind_quarantined";
const COOL_DOWN_MS = 1_000;

/** A world whose kind "shared" has killed two workers, and may try again now. */
async function createQuarantinedWorld(): Promise<World> {
  const world = await createWorld({
    cpuParallelism: 1,
    quarantineAfter: 2,
    quarantineMs: COOL_DOWN_MS,
  });
  offerMany(world, 2, { end: "crash" });
  world.clock.advance(10);
  assert.equal(offer(world, "shared", {}, heavy).story, BARRED);
  world.clock.advance(COOL_DOWN_MS);
  return world;
}

function retryAfterMsOf({ job }: Told): number {
  return (job as unknown as { retryAfterMs: number }).retryAfterMs;
}

/** Offers a try, and aborts it as it runs. */
function abortTry(world: World, task: Partial<Task>): Told {
  const controller = new AbortController();
  const told = offer(world, "shared", task, { ...heavy, signal: controller.signal });
  world.clock.advance(5);
  controller.abort();
  world.clock.advance(50);
  assert.equal(told.status, "cancelled");
  return told;
}

for (const [what, task] of [["succeeds", {}], ["throws", { end: "throw" }]] as const) {
  test(`a try that ${what} ends the quarantine of its kind`, async () => {
    const world = await createQuarantinedWorld();
    offer(world, "shared", task, heavy);
    world.clock.advance(10);
    const next = offer(world, "shared", {}, heavy);
    world.clock.run();
    assert.equal(next.story, "cpu_pool completed");
  });
}

test("a try that goes on after its abort, and succeeds, ends the quarantine", async () => {
  const world = await createQuarantinedWorld();
  abortTry(world, { ms: 20 });
  assert.equal(offer(world, "shared", {}, heavy).status, "pending");
  world.clock.run();
});

test("a try that stops when it is aborted leaves its kind in quarantine", async () => {
  const world = await createQuarantinedWorld();
  abortTry(world, { ms: 500, heeds: true });
  assert.equal(offer(world, "shared", {}, heavy).story, BARRED);
  world.clock.run();
});

test("jobs that wait when their kind is quarantined are dropped", async () => {
  const world = await createWorld({ cpuParallelism: 1, quarantineAfter: 2 });
  const killers = offerMany(world, 2, { end: "crash" });
  const waiting = offerMany(world, 2);
  world.clock.run();
  assert.deepEqual([...killers, ...waiting].map(({ story }) => story), [
    ...Array(2).fill("cpu_pool failed"),
    ...Array(2).fill("cpu_pool dropped kind_quarantined"),
  ]);
});

test("a job that is dropped for its kind is told when the next try may run", async () => {
  const world = await createWorld({
    cpuParallelism: 1,
    quarantineAfter: 1,
    quarantineMs: COOL_DOWN_MS,
  });
  offer(world, "shared", { end: "crash" }, heavy);
  world.clock.advance(10);
  const atMs = world.clock.now();
  const told = offer(world, "shared", {}, heavy);
  assert.equal(told.story, BARRED);
  const retryAfterMs = retryAfterMsOf(told);
  assert.ok(retryAfterMs > COOL_DOWN_MS - 10 && retryAfterMs <= COOL_DOWN_MS, `${retryAfterMs} ms`);
  world.clock.runUntil(atMs + retryAfterMs - 1);
  const early = offer(world, "shared", {}, heavy);
  assert.equal(early.story, BARRED);
  assert.equal(retryAfterMsOf(early), 1);
  world.clock.runUntil(atMs + retryAfterMs);
  assert.equal(offer(world, "shared", {}, heavy).status, "pending", "it is told the truth");
  assert.equal(retryAfterMsOf(offer(world, "shared", {}, heavy)), COOL_DOWN_MS, "one at a time");
  world.clock.run();
});

test("jobs behind workers that are stuck are told to stay away for as long again", async () => {
  const world = await createWorld({ cpuParallelism: 2 });
  offerMany(world, 4, { ms: 10 }, heavy); // so that something is known
  world.clock.run();
  offerMany(world, 2, { ms: 60_000 }, heavy);
  world.clock.advance(1_000);
  const expired = offer(world, "shared", {}, { ...heavy, latencyBudgetMs: 500 });
  world.clock.advance(600);
  assert.equal(expired.story, "cpu_pool dropped expired");
  assert.ok(retryAfterMsOf(expired) >= 1_000, `${retryAfterMsOf(expired)} ms`);
  world.clock.advance(10_000);
  const later = offer(world, "shared", {}, { ...heavy, latencyBudgetMs: 500 });
  world.clock.advance(600);
  assert.ok(retryAfterMsOf(later) >= 11_000, "and longer as it goes on");
  world.clock.run();
});

test("jobs are told to stay away for a minute when the workers are lost", async () => {
  const world = await createWorld({ cpuParallelism: 1, maxLostWorkers: 1, abortGraceMs: 0 });
  const controller = new AbortController();
  const running = offer(world, "shared", { end: "lost", ms: 1e6 }, {
    ...heavy,
    signal: controller.signal,
  });
  const waiting = offer(world, "shared", {}, heavy);
  world.clock.advance(10);
  controller.abort();
  world.clock.advance(1_000);
  assert.equal(running.status, "cancelled");
  assert.equal(waiting.story, "cpu_pool dropped workers_lost");
  assert.equal(retryAfterMsOf(waiting), 60_000);
  assert.equal(retryAfterMsOf(offer(world, "shared", {}, heavy)), 60_000);
});
