import assert from "node:assert/strict";
import { test } from "node:test";
import { figuresOf, rounded } from "../../../src/simulation/compare/figures.ts";
import { JobTally } from "../../../src/simulation/laboratory/job_tally.ts";
import { drawJobs, workloadOf } from "../workload/drawn_jobs.ts";

const WORKLOAD = workloadOf([{ perSizeMs: 4 }, { perSizeMs: 2 }]);
const [DRAWN] = drawJobs({ workload: WORKLOAD });
const BIG = { ...DRAWN, kind: 0, atMs: 0, beforeMs: 4, budgetMs: 40 };
const SMALL = { ...DRAWN, kind: 1, atMs: 0, beforeMs: 2, budgetMs: Infinity };

test("figures are what a tally has, as shares", () => {
  const tally = new JobTally(2, 100);
  for (const job of [BIG, BIG, SMALL, SMALL, SMALL, SMALL]) tally.came(job, 3);
  tally.came({ ...BIG, atMs: 99 }, 0); // too late to count
  tally.done(BIG, "cpu_pool", 10, 6, 4);
  tally.done(SMALL, "inline", 3, 1, 2);
  tally.done(SMALL, "inline", 90, 88, 2); // not in time
  tally.lost(BIG, "dropped", "backpressure_drop", "full");
  tally.lost(SMALL, "failed", "inline", "Error: why");
  tally.lost({ ...BIG, atMs: 99 }, "dropped", "backpressure_drop", "late");
  const figures = figuresOf({ tally, wallMs: 100 }, WORKLOAD, 2);
  assert.deepEqual([figures.submitted, figures.completed, figures.count], [6, 3, 0.333333]);
  assert.equal(figures.work, (4 + 2) / (2 * 100));
  assert.equal(figures.delay, rounded((10 / 5 + 3 / 3 + 90 / 3) / 3));
  const { dropReasons, failed, unfinished } = figures;
  assert.deepEqual({ dropReasons, failed, unfinished }, {
    ...{ dropReasons: { full: 1 }, failed: 1, unfinished: 1 },
  });
  assert.deepEqual([figures.routed.inline, figures.routed.cpu_pool], [3, 1]);
  const [big, small] = figures.byKind;
  assert.deepEqual([big.name, big.submitted, big.inBudget, big.share], ["kind0", 2, 1, 0.666667]);
  assert.deepEqual([small.name, small.submitted, small.inBudget], ["kind1", 4, 1]);
  assert.deepEqual([big.dropReasons, big.failed, big.unfinished], [{ full: 1 }, 0, 0]);
  assert.deepEqual([small.dropReasons, small.failed, small.unfinished], [{}, 1, 1]);
  assert.equal(small.share, 0.333333);
  assert.deepEqual(figures.byBudget.map(({ name }) => name), ["40", "Infinity"]);
  assert.equal(figures.totalMs.max, 90);
  assert.ok(Math.abs(figures.lagMs.p50 - 3) < 0.1);
  assert.ok(Math.abs(big.waitMs.max - 6) < 0.2 && Math.abs(big.runMs.max - 4) < 0.2);
});

test("a run in which nothing came or ended has figures, too", () => {
  const figures = figuresOf({ tally: new JobTally(2, 100), wallMs: 100 }, WORKLOAD, 2);
  assert.deepEqual([figures.count, figures.work, figures.delay], [0, 0, 0]);
  assert.deepEqual(figures.totalMs, { p50: 0, p99: 0, max: 0 });
  assert.deepEqual(figures.byKind.map(({ share }) => share), [0, 0]);
});

test("so has one with a single small job", () => {
  const tally = new JobTally(2, 100);
  const job = { ...SMALL, beforeMs: 0.5 };
  tally.came(job, 0);
  tally.done(job, "inline", 3, 2.5, 0.5);
  const figures = figuresOf({ tally, wallMs: 100 }, WORKLOAD, 2);
  assert.deepEqual([figures.count, figures.work, figures.delay], [1, 0.0025, 2]);
  assert.deepEqual(figures.byKind.map(({ share }) => share), [0, 1]);
});
