import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { CallerSignals } from "../../src/job/caller_signals.ts";
import type { Job } from "../../src/job/job.ts";
import { CountingController } from "../virtual/signal.ts";
import { WatchedClock } from "../virtual/clock.ts";
import { createWorld, offer } from "../virtual/world.ts";

test("CallerSignals has one listener on a signal for any number of jobs, and none afterwards", async () => {
  const world = await createWorld();
  const caller = new CountingController();
  const { signal } = caller.controller;
  const kinds = ["local", "shared", "group", "local_group"];
  const jobs = Array.from(
    { length: 40 },
    (_, i) =>
      offer(world, kinds[i % 4], { id: i, later: true }, {
        computeCost: [10, 10_000, 100_000][i % 3],
        scalingPotential: [0.1, 0.9][i % 2],
        signal,
      }),
  );
  assert.deepEqual([caller.listeners, caller.most], [1, 1]);
  world.clock.run();
  assert.ok(jobs.every((job) => job.status === "completed"));
  assert.equal(caller.listeners, 0);
});

test("CallerSignals listens again when the signal is used again", async () => {
  const world = await createWorld();
  const caller = new CountingController();
  const { signal } = caller.controller;
  for (let i = 0; i < 3; i++) {
    offer(world, "shared", {}, { signal });
    assert.equal(caller.listeners, 1);
    world.clock.run();
    assert.equal(caller.listeners, 0);
  }
});

test("CallerSignals cancels every job of the signal, and no other", async () => {
  const world = await createWorld();
  const [mine, other] = [new CountingController(), new CountingController()];
  const submit = (caller: CountingController) =>
    offer(world, "shared", { ms: 10 }, { signal: caller.controller.signal });
  const [a, b, c] = [submit(mine), submit(other), submit(mine)];
  mine.controller.abort(mine.reason);
  assert.deepEqual([a.status, b.status, c.status], ["cancelled", "pending", "cancelled"]);
  assert.equal(a.job?.value, mine.reason);
  assert.deepEqual([mine.listeners, other.listeners], [0, 1]);
  world.clock.run();
  assert.equal(b.status, "completed");
  assert.equal(other.listeners, 0);
});

test("CallerSignals never listens for a job that is dropped, and not on after an inline one", async () => {
  const world = await createWorld({ cpuQueueCapacity: 1, cpuParallelism: 1 });
  offer(world, "shared", {}, { computeCost: 100_000 });
  const caller = new CountingController();
  const { signal } = caller.controller;
  offer(world, "shared", {}, { computeCost: 1e5 });
  const dropped = offer(world, "shared", {}, { computeCost: 1e5, signal });
  assert.deepEqual([dropped.status, caller.most], ["dropped", 0]);
  offer(world, "local", {}, { computeCost: 1, signal });
  assert.equal(caller.listeners, 0);
});

test("CallerSignals leaves no listener on the signal itself", () => {
  const { signal } = new AbortController();
  const signals = new CallerSignals(new WatchedClock(), Infinity, () => assert.fail());
  const jobs = [{}, {}] as unknown as Job[];
  for (const job of jobs) signals.watch(job, signal);
  assert.equal(getEventListeners(signal, "abort").length, 1);
  signals.unwatch(jobs[0], signal);
  signals.unwatch(jobs[0], signal);
  assert.equal(getEventListeners(signal, "abort").length, 1);
  signals.unwatch(jobs[1], signal);
  assert.equal(getEventListeners(signal, "abort").length, 0);
  signals.unwatch(jobs[1], signal);
});

test("CallerSignals gives jobs their grace", () => {
  const controller = new AbortController();
  const seen: unknown[][] = [];
  const job = { withdraw: (...args: unknown[]) => seen.push(args) } as unknown as Job;
  const clock = new WatchedClock();
  clock.advance(3);
  new CallerSignals(clock, 7, () => assert.fail()).watch(job, controller.signal);
  controller.abort("why");
  assert.deepEqual(seen, [["cancelled", "why", 7, 3]]);
});
