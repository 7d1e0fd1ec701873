import assert from "node:assert/strict";
import { test } from "node:test";
import type { Admission } from "../../src/job/admission.ts";
import type { Job } from "../../src/job/job.ts";
import type { Lane } from "../../src/job/lane.ts";
import type { JobTrace } from "../../src/observe/job_trace.ts";
import { observing } from "../policy/wishes.ts";
import { WatchedClock } from "../virtual/clock.ts";
import { createWorld, offer } from "../virtual/world.ts";
import { createJob } from "./noted_job.ts";

test("Job settles once; a second time is reported and changes nothing", () => {
  const { job, told } = createJob();
  job.settle("completed", 1, 10);
  job.settle("failed", 2, 20);
  assert.deepEqual([job.status, job.value, job.totalMs], ["completed", 1, 10]);
  assert.deepEqual(told, ["settled", "settled_twice"]);
});

test("Job starts once", () => {
  const { job, told } = createJob();
  job.start();
  job.start();
  assert.deepEqual(told, ["starts"]);
});

test("Job that is over hears nothing any more", () => {
  const { job, told } = createJob({ onProgress() {} });
  const reason = new Error("not any more");
  job.withdraw("cancelled", reason, 0, 5);
  job.withdraw("timedOut", new Error("late"), 0, 6);
  job.start();
  job.report("half");
  job.waitAgain();
  job.fail(new Error("crashed"), 7);
  job.drop("workers_lost", 7);
  job.finish(true, 1, 2, 2, 7);
  assert.deepEqual(told, ["settled", "outlived"], "but how long it kept its thread busy is told");
  assert.deepEqual([job.status, job.value, job.totalMs], ["cancelled", reason, 5]);
});

test("Job that is over is not asked whether it may start", () => {
  const { job } = createJob();
  job.settle("cancelled", null, 0);
  assert.equal(
    job.ready({
      clock: new WatchedClock(),
      watch() {},
      orderOf: () => 0,
      reconsider: () => null,
      admit: () => assert.fail(),
    }),
    false,
  );
});

test("Job is not started when whoever is asked about it aborts it", () => {
  const { job } = createJob();
  const admission: Admission = {
    clock: new WatchedClock(),
    watch() {},
    orderOf: () => 0,
    reconsider: () => null,
    admit(asked) {
      asked.withdraw("cancelled", null, 0, 0);
      return null;
    },
  };
  assert.equal(job.ready(admission), false);
});

test("Job tells its lane how long its worker may go on: the grace, or its run timeout and 50 ms", () => {
  for (const [graceMs, runTimeoutMs, limitMs] of [[10, 20, 10], [1_000, 20, 70]]) {
    const { job } = createJob({ runTimeoutMs });
    const limits: number[] = [];
    const abort = (_job: Job, ms: number) => void limits.push(ms);
    job.lane = { revoke: () => false, abort } as Partial<Lane> as Lane;
    job.withdraw("cancelled", null, graceMs, 0);
    assert.deepEqual(limits, [limitMs]);
  }
});

test("a job whose budget ends when it has begun unheard runs from then on", async () => {
  const { policy, of } = observing();
  const world = await createWorld({
    policy,
    cpuParallelism: 1,
    minWorkers: 1,
    model: { isQuiet: true },
  });
  const short = { computeCost: 1, priority: 2 };
  offer(world, "shared", {}, short);
  world.clock.advance(1); // such a job is known to be short
  offer(world, "shared", {}, short);
  const told = offer(world, "shared", { ms: 50 }, { ...short, latencyBudgetMs: 5 });
  world.clock.advance(4.5);
  assert.equal(of(3), "enqueue", "its worker has said nothing");
  world.clock.advance(0.5);
  assert.equal(of(3), "enqueue start");
  world.clock.run();
  assert.deepEqual([told.story, told.job?.withinBudget], ["cpu_pool completed", false]);
});

test("Job that is said to have run longer than it took has not waited", () => {
  const { job } = createJob();
  job.finish(true, 1, 7, 7, 5); // the two times stem from two clocks
  assert.deepEqual([job.waitMs, job.runMs, job.totalMs], [0, 7, 5]);
});

test("Job tells a worker of its trace if it has one", () => {
  const { job } = createJob({}, undefined, "input");
  const message = { seq: 0, kind: "k", isBatch: false, payload: "input" };
  assert.deepEqual(job.message(), message);
  const traces = [{ traceparent: "00-1-2-01" }];
  job.trace = { contexts: () => traces } as unknown as JobTrace;
  assert.deepEqual(job.message(), { ...message, traces });
});

test("Job tells its trace that it waits, and that it starts in a call of so many jobs", () => {
  const { job } = createJob();
  const told: unknown[] = [];
  job.trace = {
    waits: () => told.push("waits"),
    starts: (...args: unknown[]) => told.push("starts", ...args),
  } as unknown as JobTrace;
  job.wait();
  job.start(3);
  assert.deepEqual(told, ["waits", "starts", 3, job.trace]);
});

test("Job reports its progress to an owner if anyone wants to hear of it", () => {
  for (const [options, reports] of [[{ onProgress() {} }, ["progress"]], [{}, []]] as const) {
    const { job, told } = createJob(options);
    job.report("half");
    assert.deepEqual(told, reports);
  }
});

test("Job that takes its budget to the last ms is within it", () => {
  for (const [nowMs, isWithin] of [[20, true], [20.5, false]] as const) {
    const { job } = createJob({ latencyBudgetMs: 20 });
    job.finish(true, 1, 5, 5, nowMs);
    assert.equal(job.withinBudget, isWithin);
  }
});
