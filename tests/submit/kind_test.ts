import assert from "node:assert/strict";
import { test } from "node:test";
import { KindInfo } from "../../src/submit/kind.ts";
import { createWorld, offer } from "../virtual/world.ts";

function newKind(): KindInfo {
  return new KindInfo("k", 0, { run: () => 0 }, undefined, true);
}

test("KindInfo expects nothing of a kind that never ran", () => {
  assert.ok(Number.isNaN(newKind().expectedMs(100)));
  assert.ok(Number.isNaN(newKind().expectedMs(NaN)));
});

test("KindInfo learns the time per unit of cost, one part in eight each run", () => {
  const kind = newKind();
  kind.learn(100, 10);
  assert.equal(kind.expectedMs(100), 10);
  assert.equal(kind.expectedMs(1_000), 100);
  kind.learn(50, 13); // 0.26 for each unit, after 0.1
  assert.ok(Math.abs(kind.expectedMs(100) - 12) < 1e-9);
  for (let i = 0; i < 200; i++) kind.learn(10, 5);
  assert.ok(Math.abs(kind.expectedMs(1) - 0.5) < 1e-9);
});

test("KindInfo knows what few runs exceed by how far they are from the mean", () => {
  const kind = newKind();
  assert.ok(Number.isNaN(kind.slowMs(1)));
  kind.learn(2, 8);
  assert.equal(kind.slowMs(1), 4); // no other is known yet
  kind.learn(1, 12); // 8 from the mean
  assert.equal(kind.expectedMs(1), 5);
  assert.equal(kind.slowMs(1), 7);
  assert.equal(kind.slowMs(NaN), 7);
  for (let i = 0; i < 200; i++) kind.learn(1, 5);
  assert.ok(Math.abs(kind.slowMs(10) - 50) < 1e-6);
});

test("KindInfo learns the time per job where the cost is unknown or 0", () => {
  for (const cost of [NaN, 0]) {
    const kind = newKind();
    kind.learn(cost, 4);
    assert.deepEqual([kind.expectedMs(NaN), kind.expectedMs(0), kind.expectedMs(1)], [4, 4, 4]);
  }
});

test("KindInfo takes one pause for no more than eight times the usual", () => {
  const kind = newKind();
  kind.learn(1, 1);
  kind.learn(1, 1_000);
  assert.equal(kind.expectedMs(1), 1 + 7 / 8);
});

test("KindInfo finds its way from a first run that took no time", () => {
  const kind = newKind();
  kind.learn(1, 0);
  assert.equal(kind.expectedMs(1), 0);
  kind.learn(1, 8);
  assert.equal(kind.expectedMs(1), 1);
});

test("KindInfo learns a job's part of a batch, and nothing from jobs that fail", async () => {
  const world = await createWorld({ cpuParallelism: 1, batchMaxSize: 2 });
  const heavy = { computeCost: 100_000 };
  for (let i = 0; i < 2; i++) offer(world, "group", { ms: 4 }, { ...heavy, scalingPotential: 1 });
  offer(world, "shared", { ms: 7, end: "throw" }, heavy);
  world.clock.run();
  offer(world, "shared", { ms: 50 }, heavy);
  world.clock.advance(5); // the only worker is busy now
  offer(world, "group", { ms: 8 }, { computeCost: 200_000 });
  assert.equal(world.router.stats().load.poolWorkMs, 8);
  offer(world, "shared", { ms: 1 }, heavy);
  assert.ok(Number.isNaN(world.router.stats().load.poolWorkMs), "nothing is known of this kind");
  world.clock.run();
});
