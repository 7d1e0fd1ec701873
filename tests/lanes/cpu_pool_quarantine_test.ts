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
