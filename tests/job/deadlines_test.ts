import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Deadlines } from "../../src/job/deadlines.ts";
import type { Job } from "../../src/job/job.ts";
import { WatchedClock } from "../virtual/clock.ts";
import { runs } from "../fixtures/property.ts";
import { createWorld, offer } from "../virtual/world.ts";

interface Waiting {
  readonly job: Job;
  readonly deadlineMs: number;
  isRemoved: boolean;
  /** When it was told that its time is over. */
  readonly expired: number[];
}

/** As much of a job as the deadlines look at. */
function waitingOn(clock: WatchedClock, latencyBudgetMs: number): Waiting {
  const deadlineMs = clock.now() + latencyBudgetMs;
  const expired: number[] = [];
  const job = {
    facts: { latencyBudgetMs },
    deadlineMs,
    deadlineIndex: -1,
    expire: () => expired.push(clock.now()),
  };
  return { job: job as unknown as Job, deadlineMs, isRemoved: false, expired };
}

test("Deadlines drops each waiting job at its deadline, and no other", () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 200 }) }) },
      { weight: 1, arbitrary: fc.record({ remove: fc.nat(50) }) },
      { weight: 2, arbitrary: fc.record({ wait: fc.nat(60) }) },
    ),
    { maxLength: 80, size: "max" },
  );
  fc.assert(
    fc.property(steps, (plan) => {
      const clock = new WatchedClock();
      const deadlines = new Deadlines(clock);
      const all: Waiting[] = [];
      for (const step of plan) {
        if ("add" in step) {
          const waiting = waitingOn(clock, step.add);
          deadlines.add(waiting.job);
          all.push(waiting);
        } else if ("remove" in step) {
          const waiting = all[step.remove];
          if (waiting === undefined || waiting.expired.length > 0) continue;
          deadlines.remove(waiting.job);
          waiting.isRemoved = true;
        } else {
          clock.advance(step.wait);
        }
        assert.ok(clock.pending <= 1, "one timer for all");
        assert.equal(clock.holding, 0, "it keeps no process alive");
      }
      clock.run();
      for (const { deadlineMs, isRemoved, expired } of all) {
        assert.deepEqual(expired, isRemoved ? [] : [deadlineMs]);
      }
    }),
    runs(300),
  );
});

test("Deadlines has no timer for jobs without a budget", () => {
  const clock = new WatchedClock();
  const deadlines = new Deadlines(clock);
  const { job } = waitingOn(clock, Infinity);
  deadlines.add(job);
  assert.equal(clock.pending, 0);
  deadlines.remove(job);
});

test("Deadlines adds a job once", () => {
  const clock = new WatchedClock();
  const deadlines = new Deadlines(clock);
  const { job, expired } = waitingOn(clock, 10);
  deadlines.add(job);
  deadlines.add(job);
  deadlines.remove(job);
  clock.run();
  assert.deepEqual(expired, []);
});

test("Deadlines drops what fell due while the loop was occupied, as soon as it is free", () => {
  const clock = new WatchedClock();
  const deadlines = new Deadlines(clock);
  const [first, second] = [waitingOn(clock, 10), waitingOn(clock, 20)];
  deadlines.add(first.job);
  deadlines.add(second.job);
  clock.occupy(100);
  clock.step();
  assert.deepEqual([first.expired[0], second.expired[0]], [100, 100]);
});

test("Deadlines has no timer left once it is closed", () => {
  const clock = new WatchedClock();
  const deadlines = new Deadlines(clock);
  deadlines.add(waitingOn(clock, 10).job);
  deadlines.close();
  assert.equal(clock.pending, 0);
  deadlines.close();
});

test("Deadlines sets its timer anew after it was closed and used again", () => {
  const clock = new WatchedClock();
  const deadlines = new Deadlines(clock);
  const { job, expired } = waitingOn(clock, 50);
  deadlines.add(job);
  deadlines.close();
  deadlines.add(waitingOn(clock, 60).job);
  clock.run();
  assert.equal(expired.length, 1);
});

test("Deadlines counts from submit, and holds the running job to nothing", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const budget = { computeCost: 1e5, latencyBudgetMs: 20 };
  const running = offer(world, "shared", { ms: 100 }, budget);
  const waiting = offer(world, "shared", { ms: 1 }, budget);
  world.clock.runUntil(20);
  assert.equal(waiting.story, "cpu_pool dropped expired");
  world.clock.run();
  assert.equal(running.story, "cpu_pool completed");
  assert.equal(running.job?.withinBudget, false);
});

test("a job that has waited is not begun when too little of its budget is left for its run", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const submit = (latencyBudgetMs: number) =>
    offer(world, "shared", { ms: 30 }, { computeCost: 1e5, latencyBudgetMs });
  submit(1_000);
  world.clock.runUntil(200); // it is known now what such a job takes
  const atMs = world.clock.now();
  const hopeless = submit(20);
  const [late, later] = [submit(59), submit(90)];
  world.clock.runUntil(atMs + 60); // nobody waits for it longer
  assert.equal(hopeless.story, "cpu_pool completed");
  assert.equal(late.story, "cpu_pool dropped expired");
  world.clock.runUntil(atMs + 100);
  submit(20);
  const inTime = submit(61);
  world.clock.run();
  for (const { story, job } of [later, inTime]) {
    assert.equal(story, "cpu_pool completed");
    assert.equal(job?.withinBudget, true);
  }
});

test("Deadlines drops a job that is late already when it is added", () => {
  const clock = new WatchedClock();
  const deadlines = new Deadlines(clock);
  const { job, expired } = waitingOn(clock, 10);
  clock.occupy(15);
  deadlines.add(job);
  clock.run();
  assert.deepEqual(expired, [15]);
});
