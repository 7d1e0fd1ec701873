import assert from "node:assert/strict";
import { test } from "node:test";
import { Crowds } from "../../../src/simulation/laboratory/crowds.ts";
import { USUAL_COSTS } from "../../../src/simulation/laboratory/costs.ts";
import { LabJobs } from "../../../src/simulation/laboratory/lab_jobs.ts";
import type { LabJob } from "../../../src/simulation/workload/lab_job.ts";
import { VirtualClock } from "../../../src/testing/mod.ts";
import { drawJobs, workloadOf } from "../workload/drawn_jobs.ts";

const WORKLOAD = workloadOf([{ crowdMs: 0.5 }, {}]);
const [DRAWN] = drawJobs({ workload: WORKLOAD });
const JOB: LabJob = { ...DRAWN, kind: 0, beforeMs: 2, waitMs: 10, afterMs: 3 };

test("a wait is longer by the square of how many of its kind wait", () => {
  const crowds = new Crowds([0.5, 0]);
  assert.equal(crowds.enter(JOB), 10 + 0.5);
  assert.equal(crowds.enter(JOB), 10 + 0.5 * 4);
  assert.equal(crowds.enter({ ...JOB, kind: 1 }), 10);
  crowds.leave(JOB);
  assert.equal(crowds.enter(JOB), 10 + 0.5 * 4);
});

test("on the router's thread, a job occupies it before and after its wait", () => {
  const clock = new VirtualClock();
  const jobs = new LabJobs(WORKLOAD, clock, { asyncMs: 0 });
  assert.equal(jobs.runHere({ ...JOB, beforeMs: 5, waitMs: 0, afterMs: 0, id: 4 }), 4);
  assert.equal(clock.now(), 5);
  const settled: unknown[] = [];
  (jobs.runHere({ ...JOB, id: 6 }) as PromiseLike<number>).then((output) => {
    settled.push(output, clock.now());
  });
  assert.equal(clock.now(), 7);
  clock.run();
  assert.deepEqual(settled, [6, 7 + 10.5 + 3]);
});

test("in a worker, a job is the same run, and its crowd knows when it has ended", () => {
  const jobs = new LabJobs(WORKLOAD, new VirtualClock());
  const { run, ended } = jobs.workerModel(USUAL_COSTS);
  const call = { seq: 1, kind: "kind0", isBatch: false, payload: JOB };
  const once = { busyMs: 2, waitMs: 10.5, afterMs: 3, end: "ok", value: JOB.id };
  assert.deepEqual(run(call, 0), once);
  assert.equal(run(call, 0).waitMs, 12);
  ended!(call);
  ended!(call);
  assert.deepEqual(run(call, 0), once);
  assert.equal(run({ ...call, payload: { ...JOB, crashes: true } }, 0).end, "crash");
});

test("a job that would crash a worker throws on the router's thread, when its work is over", () => {
  const clock = new VirtualClock();
  const jobs = new LabJobs(WORKLOAD, clock, { asyncMs: 0 });
  const crashing: LabJob = { ...JOB, id: 8, crashes: true };
  const plain = { ...crashing, waitMs: 0 };
  assert.throws(() => jobs.runHere(plain), { message: "Job 8 crashed" });
  assert.equal(clock.now(), 2);
  const ends: unknown[] = [];
  const note = (name: string) => (ok: boolean) => ends.push([name, ok, clock.now()]);
  jobs.runBare(plain, note("plain"));
  jobs.runBare({ ...plain, crashes: false }, note("fine"));
  jobs.runBare(crashing, note("waits"));
  const failed = (error: Error) => ends.push([error.message, clock.now()]);
  (jobs.runHere({ ...JOB, kind: 1, id: 9, crashes: true }) as PromiseLike<number>)
    .then(() => assert.fail("it crashed"), failed);
  clock.run();
  assert.deepEqual(ends, [
    ["plain", false, 4],
    ["fine", true, 6],
    ["waits", false, 8 + 10.5 + 3],
    ["Job 9 crashed", 21.5 + 3],
  ]);
});
