import assert from "node:assert/strict";
import { test } from "node:test";
import { JobTimeoutError } from "../../mod.ts";
import { observing } from "../policy/wishes.ts";
import type { PortModel } from "../virtual/port_model.ts";
import { createWorld, offer, serveTask } from "../virtual/world.ts";
import { heavy } from "./pool_offers.ts";

test("CpuPoolLane frees the place of a cancelled job at once", async () => {
  const world = await createWorld({ cpuParallelism: 1, cpuQueueCapacity: 1 });
  const controller = new AbortController();
  const running = offer(world, "shared", {}, heavy);
  world.clock.advance(1);
  const first = offer(world, "shared", {}, { ...heavy, signal: controller.signal });
  assert.equal(offer(world, "shared", {}, heavy).status, "dropped");
  controller.abort();
  assert.equal(first.status, "cancelled");
  assert.equal(world.router.stats().load.poolWaiting, 0);
  const third = offer(world, "shared", {}, heavy);
  world.clock.run();
  assert.deepEqual([running.status, third.status], ["completed", "completed"]);
  assert.equal(world.ports.calls.length, 2, "the cancelled one was never sent");
});

test("CpuPoolLane settles an aborted call at once and keeps its permit until the worker ends it", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const controller = new AbortController();
  const first = offer(world, "shared", { ms: 50 }, { ...heavy, signal: controller.signal });
  const second = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.advance(10);
  controller.abort("stop");
  assert.deepEqual([first.status, first.job?.value], ["cancelled", "stop"]);
  assert.deepEqual([world.ports.aborted, world.router.stats().load.poolRunning], [[1], 1]);
  world.clock.advance(30);
  assert.equal(second.status, "pending");
  world.clock.run();
  assert.equal(second.job?.totalMs, 52);
  assert.equal(world.ports.all.length, 1, "no worker was ended for it");
});

test("CpuPoolLane hands the permit of a call that heeds its abort on at once", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const controller = new AbortController();
  const task = { ms: 50, heeds: true };
  offer(world, "shared", task, { ...heavy, signal: controller.signal });
  const second = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.advance(10);
  controller.abort();
  world.clock.run();
  assert.equal(second.job?.totalMs, 12);
});

test("CpuPoolLane ends the worker of an aborted call after abortGraceMs", async () => {
  const world = await createWorld({ cpuParallelism: 1, abortGraceMs: 5 });
  const controller = new AbortController();
  offer(world, "shared", { ms: 1_000 }, { ...heavy, signal: controller.signal });
  const second = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.advance(10);
  controller.abort();
  world.clock.runUntil(14.9);
  assert.equal(world.ports.alive.length, 1);
  world.clock.run();
  assert.equal(world.ports.all.length, 2);
  assert.equal(second.status, "completed");
  assert.equal(second.job?.totalMs, 10 + 5 + 1 + 1 + 1, "grace, end, start, run");
  assert.equal(world.router.stats().workers.crashed, 0);
});

test("CpuPoolLane leaves a worker that stops within abortGraceMs alone", async () => {
  const world = await createWorld({ cpuParallelism: 1, abortGraceMs: 5 });
  const controller = new AbortController();
  const task = { ms: 1_000, heeds: true };
  offer(world, "shared", task, { ...heavy, signal: controller.signal });
  world.clock.advance(10);
  controller.abort();
  const next = offer(world, "shared", { ms: 100 }, heavy);
  world.clock.advance(50);
  assert.equal(world.ports.alive.length, 1);
  world.clock.run();
  assert.equal(next.status, "completed");
});

test("CpuPoolLane settles a job at runTimeoutMs and replaces a worker that goes on", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const first = offer(world, "shared", { ms: 1_000 }, { ...heavy, runTimeoutMs: 20 });
  const second = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.runUntil(20);
  assert.equal(first.status, "pending", "it starts with the run, not with submit");
  world.clock.runUntil(21);
  assert.equal(first.story, "cpu_pool timedOut");
  assert.ok(first.job?.value instanceof JobTimeoutError);
  assert.equal(first.job.value.runTimeoutMs, 20);
  world.clock.run();
  assert.equal(second.status, "completed");
  assert.equal(world.ports.all.length, 2);
});

test("CpuPoolLane does not let a run timeout touch a job that ended in time", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const first = offer(world, "shared", { ms: 19 }, { ...heavy, runTimeoutMs: 20 });
  world.clock.run();
  assert.equal(first.status, "completed");
  assert.equal(world.ports.all.length, 1);
});

test("CpuPoolLane does not send a job that is aborted as it starts", async () => {
  const controller = new AbortController();
  const { policy } = observing({
    observe: (_state, { type }) => type === "start" && controller.abort(),
  });
  const world = await createWorld({ cpuParallelism: 1, abortGraceMs: 5, policy });
  const first = offer(world, "shared", { ms: 1_000 }, { priority: 2, signal: controller.signal });
  const second = offer(world, "shared", { ms: 50 }, { priority: 2 });
  world.clock.run();
  assert.deepEqual([first.status, second.status], ["cancelled", "completed"]);
  assert.deepEqual([world.ports.calls.length, world.ports.all.length], [1, 1]);
  assert.equal(world.router.stats().load.poolRunning, 0);
});

test("CpuPoolLane tells a worker of a job that a getter of its input aborts", async () => {
  const controller = new AbortController();
  const serve: PortModel["serve"] = (call) => {
    controller.abort(); // as a getter would, when the payload is read
    return serveTask(call);
  };
  const world = await createWorld({ cpuParallelism: 1, model: { serve } });
  const task = { ms: 1_000, heeds: true };
  const first = offer(world, "shared", task, { ...heavy, signal: controller.signal });
  const second = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.run();
  assert.deepEqual([first.status, second.status], ["cancelled", "completed"]);
  assert.ok(second.job!.totalMs < 10, `it waited ${second.job!.totalMs} ms`);
});
