import assert from "node:assert/strict";
import { test } from "node:test";
import { BareWorkers } from "../../../src/simulation/laboratory/bare_workers.ts";
import { LabJobs } from "../../../src/simulation/laboratory/lab_jobs.ts";
import {
  createVirtualClock,
  type VirtualRunOptions,
} from "../../../src/simulation/laboratory/virtual_run.ts";
import type { LabJob } from "../../../src/simulation/workload/lab_job.ts";
import { drawJobs, workloadOf } from "../workload/drawn_jobs.ts";

const WORKLOAD = workloadOf([{ perSizeMs: 5 }]);
const COSTS = {
  submitMs: 0,
  turnMs: 0,
  dispatchMs: 0,
  resultMs: 0,
  wakeMs: 0,
  asyncMs: 0,
  startMs: 40,
};
const OPTIONS: VirtualRunOptions = {
  ...{ workload: WORKLOAD, word: "right", load: 1, cores: 4, durationMs: 1_000, seed: 7 },
  ...{ workers: 2, costs: COSTS },
};
const [JOB] = drawJobs({ workload: WORKLOAD });

/** Bare workers, and what they say: id, whether it was done, when and how long it ran. */
function setUp(options: Partial<VirtualRunOptions> = {}) {
  const all = { ...OPTIONS, ...options };
  const clock = createVirtualClock(all);
  const workers = new BareWorkers<{ job: LabJob }>(
    clock,
    new LabJobs(WORKLOAD, clock),
    all,
  );
  const ended: (readonly [number, boolean, number, number])[] = [];
  workers.ended = ({ job }, ok, runMs) => ended.push([job.id, ok, clock.now(), runMs]);
  const send = (worker: number, id: number, crashes = false) =>
    workers.send(worker, { job: { ...JOB, id, crashes } });
  return { clock, workers, ended, send };
}

test("bare workers run what they are sent, each in order", () => {
  const { clock, workers, ended, send } = setUp();
  assert.equal(clock.now(), 40);
  assert.equal(workers.idlest, 0);
  send(0, 1);
  assert.equal(workers.idlest, 1);
  send(0, 2);
  send(1, 3);
  assert.deepEqual(workers.held.map(({ length }) => length), [2, 1]);
  assert.equal(workers.idlest, 1);
  clock.run();
  assert.deepEqual(ended, [[1, true, 45, 5], [3, true, 45, 5], [2, true, 50, 5]]);
  assert.deepEqual(workers.held, [[], []]);
});

test("a worker that crashes is started again, and does what it held behind the crash", () => {
  const { clock, workers, ended, send } = setUp();
  send(0, 1);
  send(0, 2, true);
  send(0, 3);
  clock.runUntil(51);
  assert.deepEqual(ended, [[1, true, 45, 5], [2, false, 50, NaN]]);
  assert.equal(workers.readyAtMs[0], 90);
  assert.equal(workers.idlest, 1);
  send(1, 4);
  assert.equal(workers.idlest, 1, "one job is less than a start and a job");
  send(0, 5);
  clock.run();
  assert.deepEqual(ended.slice(2), [[4, true, 56, 5], [3, true, 95, 5], [5, true, 100, 5]]);
});

test("cold workers start while they are sent jobs", () => {
  const { clock, ended, send } = setUp({ isWarm: false });
  assert.equal(clock.now(), 0);
  send(1, 1);
  clock.run();
  assert.deepEqual(ended, [[1, true, 45, 5]]);
});
