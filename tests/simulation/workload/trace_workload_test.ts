import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter } from "../../../mod.ts";
import { defineJobs } from "../../../src/define/jobs.ts";
import {
  compare,
  CONTESTANTS,
  readTrace,
  recordTrace,
  toTraceWorkload,
} from "../../../src/simulation/mod.ts";
import { forcedPolicy } from "../../../src/testing/mod.ts";

const jobs = defineJobs({
  page: { cost: (n: number) => n, run: (n: number) => n },
  report: { run: (n: number) => n },
});

test("a recorded run is replayed in virtual time: as many jobs, of the same kinds", async () => {
  const router = await createRouter({ jobs, policy: forcedPolicy("inline") });
  const lines: string[] = [];
  const stop = recordTrace(router, (line) => lines.push(line));
  for (let i = 0; i < 30; i++) {
    const hints = i % 2 === 0 ? { latencyBudgetMs: 100 } : {};
    await router.submit(i % 3 === 0 ? "report" : "page", i, hints);
  }
  stop();
  await router.close();

  const { requests, badRows } = readTrace(lines.join("\n"));
  assert.equal(badRows, 0);
  const { workload, jobs: replayed, durationMs } = toTraceWorkload(requests, 1, "mine");
  assert.deepEqual(workload.kinds.map(({ name }) => name), ["report", "page"]);
  const cell = { workload, jobs: replayed, durationMs };
  const { contestants: [{ runs: [run] }] } = await compare(
    new Map([["threshold", CONTESTANTS.threshold.run]]),
    cell,
  );
  assert.deepEqual(run.byKind.map(({ submitted }) => submitted), [10, 20]);
  assert.deepEqual(run.byBudget.map(({ name, submitted }) => [name, submitted]), [
    ["100", 15],
    ["Infinity", 15],
  ]);
  assert.ok(run.count > 0);
});

test("a job that did not run takes as long as others of its kind, for its cost", () => {
  const request = { atMs: 0, kind: "page", cost: 10 };
  const requests = [
    { ...request, serviceMs: 4 },
    { ...request, atMs: 10, cost: 30, serviceMs: 12 },
    { ...request, atMs: 20, cost: 50 },
    { ...request, atMs: 30, cost: NaN },
  ];
  const { jobs } = toTraceWorkload(requests, 2);
  assert.deepEqual(jobs.map(({ atMs }) => atMs), [0, 5, 10, 15]);
  assert.deepEqual(jobs.map(({ beforeMs }) => beforeMs), [4, 12, 20, 8]);
  assert.deepEqual(jobs.map(({ cost }) => cost), [10, 30, 50, undefined]);
});

test("a kind without a run cannot be replayed, but for those of the simulation", () => {
  const mine = [{ atMs: 0, kind: "mine", cost: 1 }];
  assert.throws(() => toTraceWorkload(mine, 1), {
    name: "RangeError",
    message: /Cannot replay kind "mine" in virtual time as the trace has no run of it/,
  });
  const { jobs: [job] } = toTraceWorkload([{ atMs: 0, kind: "llm_request", cost: 40_000 }], 1);
  assert.equal(job.beforeMs, 2);
});
