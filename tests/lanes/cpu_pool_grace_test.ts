// When the worker of a call that goes on after its abort is terminated.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld, offer } from "../virtual/world.ts";
import { offerMany, scaling, stories } from "./batch_offers.ts";
import { createKnownWorld, run } from "./known_world.ts";

const abortGraceMs = 5;

test("the grace of a call that was aborted unheard counts from its abort", async () => {
  const world = await createKnownWorld(1, { abortGraceMs, model: { isQuiet: true } });
  const { clock, ports: { all: [port] } } = world;
  const controller = new AbortController();
  run(world, 0.5);
  run(world, 0.5, { ms: 1e6 }, { signal: controller.signal });
  clock.advance(3);
  controller.abort();
  clock.advance(6.5);
  assert.equal(port.isDead, false, "it is not known yet that it is on this call");
  clock.advance(1.5);
  assert.equal(
    port.isDead,
    true,
    "10 ms after it was sent it is heard of, 1 ms later it has ended",
  );
});

test("the grace of a call goes on when one behind it is revoked", async () => {
  const world = await createKnownWorld(1, { abortGraceMs });
  const [first, second] = [new AbortController(), new AbortController()];
  run(world, 0.5, { ms: 1e6 }, { signal: first.signal });
  run(world, 0.5, {}, { signal: second.signal });
  first.abort();
  second.abort();
  assert.equal(world.ports.revoked.length, 1);
  world.clock.advance(abortGraceMs + 1);
  assert.equal(world.ports.all[0].isDead, true);
});

test("a batch that starts again has no grace left of a job that was aborted before", async () => {
  const world = await createWorld({
    cpuParallelism: 1,
    minWorkers: 1,
    batchMaxSize: 2,
    abortGraceMs,
    model: { wakeMs: 5 },
  });
  const controller = new AbortController();
  const { signal } = controller;
  const gone = offerMany(world, "group", 1, { signal });
  const stays = offer(world, "group", { ms: 50 }, scaling);
  controller.abort();
  world.ports.all[0].die(new Error("gone")); // before it had begun
  world.clock.run();
  assert.deepEqual(stories([...gone, stays]), ["batch cancelled", "batch completed"]);
});

test("a worker whose grace is over is not terminated again when the router closes", async () => {
  const world = await createKnownWorld(1, { abortGraceMs, model: { endMs: 10 } });
  const controller = new AbortController();
  run(world, 1, { ms: 1e6 }, { signal: controller.signal });
  controller.abort();
  world.clock.advance(abortGraceMs + 1);
  const closed = world.router.close();
  world.clock.run();
  await closed;
  assert.deepEqual(world.ports.violations, []);
});
