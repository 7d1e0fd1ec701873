// Whether a short call joins the worker that was woken last, or another one is woken for it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PortModel } from "../virtual/port_model.ts";
import { createKnownWorld, run } from "./known_world.ts";

/** Whether a call that comes `afterMs` joins the only one of two workers that is on a call. */
async function joins(
  headMs: number,
  nextMs: number,
  afterMs = 0,
  model: Partial<PortModel> = {},
): Promise<boolean> {
  const world = await createKnownWorld(2, { model });
  run(world, headMs, { ms: 50 });
  world.clock.advance(afterMs);
  run(world, nextMs, { ms: 50 });
  const { atWork } = world.ports;
  world.clock.run();
  return atWork === 1;
}

test("a call joins a worker if that costs less than to wake another: 0.1 ms", async () => {
  assert.equal(await joins(0.05, 0.05), true);
  assert.equal(await joins(0.05, 0.06), false);
});

test("a call that costs the router more than a worker joins one that is on short calls", async () => {
  assert.equal(await joins(1, 0.005), true);
  assert.equal(await joins(1, 0.006), false);
  assert.equal(await joins(2, 0.005), false);
});

test("a call joins no worker whose call runs for longer than a short one", async () => {
  assert.equal(await joins(0.05, 0.01, 0.09), true);
  assert.equal(await joins(0.05, 0.01, 0.2), false);
});

test("a call joins a worker that is being woken, within 1 ms", async () => {
  const model = { wakeMs: 5 };
  assert.equal(await joins(0.05, 0.01, 1, model), true);
  assert.equal(await joins(0.05, 0.01, 1.1, model), false);
});

test("a call joins a worker that is done with its call, even if that took long", async () => {
  const world = await createKnownWorld(2);
  run(world, 0.05);
  world.clock.occupy(0.5); // its end has not been heard
  const told = run(world, 0.05, { ms: 50 });
  assert.equal(world.ports.atWork, 1);
  world.clock.run();
  assert.equal(told.job?.totalMs, 50);
});
