import assert from "node:assert/strict";
import { test } from "node:test";
import type { SettledJob, Sink } from "../../../mod.ts";
import { RouterTarget } from "../../../src/simulation/laboratory/router_target.ts";
import type { LabJob } from "../../../src/simulation/workload/lab_job.ts";
import { drawJobs, workloadOf } from "../workload/drawn_jobs.ts";

const [DRAWN] = drawJobs({ workload: workloadOf([{}, {}]) });
const JOB: LabJob = { ...DRAWN, kind: 1, cost: 77, budgetMs: 50, priority: 5 };

/** Offers a job to a router that notes it, and settles it by `end`. */
function offer(job: LabJob, lateMs: number, end: (sink: Sink) => void = () => {}) {
  const offered: unknown[] = [];
  const heard: unknown[] = [];
  const router = {
    offer: (kind: string, input: unknown, options: unknown, sink: Sink) => {
      offered.push(kind, input, options);
      end(sink);
    },
  };
  const target = new RouterTarget(router, ["first", "second"], {
    completed: (job, strategy, { totalMs, waitMs, runMs }, lateMs) =>
      heard.push("completed", job, strategy, totalMs, waitMs, runMs, lateMs),
    lost: (job, status, strategy, reason) => heard.push("lost", job, status, strategy, reason),
  });
  target.offer(job, lateMs);
  return { offered, heard };
}

test("a job is offered with what it tells, and with what is left of its budget", () => {
  const { offered } = offer(JOB, 2);
  assert.deepEqual(offered, ["second", JOB, { computeCost: 77, latencyBudgetMs: 48 }]);
  const silent = { ...JOB, cost: undefined, budgetMs: Infinity, priority: 8 };
  assert.deepEqual(offer(silent, 1e6).offered, ["second", silent, { priority: 8 }]);
});

test("a job whose budget is over when it comes is not offered", () => {
  const { offered, heard } = offer(JOB, 50);
  assert.deepEqual([offered, heard], [[], [
    "lost",
    JOB,
    "dropped",
    "backpressure_drop",
    "expired",
  ]]);
});

test("what comes of a job is heard, with how late it was", () => {
  const settled = { strategy: "cpu_pool", value: "late", totalMs: 9, waitMs: 6, runMs: 3 };
  const settle = (status: string) => (sink: Sink) =>
    sink.settled({ ...settled, status } as unknown as SettledJob);
  assert.deepEqual(offer(JOB, 2, settle("completed")).heard, [
    ...["completed", JOB, "cpu_pool", 9, 6, 3, 2],
  ]);
  assert.deepEqual(offer(JOB, 2, settle("dropped")).heard, [
    "lost",
    JOB,
    "dropped",
    "cpu_pool",
    "late",
  ]);
  const { heard } = offer(JOB, 2, (sink) => sink.refused(new RangeError("why")));
  assert.deepEqual(heard, ["lost", JOB, "failed", "backpressure_drop", "RangeError: why"]);
});
