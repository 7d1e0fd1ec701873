import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type BudgetClasses,
  classesFor,
  EACH_BUDGET,
  powerOfTwo,
  POWERS_OF_TWO,
} from "../../../src/simulation/laboratory/budget_classes.ts";
import { JobTally } from "../../../src/simulation/laboratory/job_tally.ts";
import type { LabJob } from "../../../src/simulation/workload/lab_job.ts";

const END_MS = 1_000;

/** A job of 2 ms that is due at 100. */
function jobOf(like: Partial<LabJob> = {}): LabJob {
  return {
    ...{ id: 0, kind: 0, atMs: 100, beforeMs: 2, waitMs: 0, afterMs: 0, cost: undefined },
    ...{ budgetMs: 50, priority: 5, crashes: false },
    ...like,
  };
}

/** A tally of one job that was done, `totalMs` after it was due. */
function tallyOf(job: LabJob, totalMs: number): JobTally {
  const tally = new JobTally(2, END_MS);
  tally.came(job, 0);
  tally.done(job, "inline", totalMs, 0, totalMs);
  return tally;
}

test("a job is in budget up to its very edge", () => {
  for (const [totalMs, inBudget] of [[0, 1], [49.9, 1], [50, 1], [50.001, 0]]) {
    const { all } = tallyOf(jobOf(), totalMs);
    assert.deepEqual([all.submitted, all.completed, all.inBudget], [1, 1, inBudget]);
    assert.deepEqual([all.doneMs, all.workMs], [2, 2 * inBudget]);
  }
});

test("without a budget, a job counts within 10 ms and five times its time, waits included", () => {
  const job = jobOf({ budgetMs: Infinity, beforeMs: 2, waitMs: 7, afterMs: 1 });
  for (const [totalMs, inBudget] of [[60, 1], [60.001, 0]]) {
    const { all } = tallyOf(job, totalMs);
    assert.deepEqual([all.inBudget, all.workMs], [inBudget, 3 * inBudget]);
    assert.equal(all.delays, totalMs / 11);
  }
});

test("a job counts if it was due early enough to be in budget at the end", () => {
  for (const [atMs, counts] of [[949, true], [950, true], [950.001, false]] as const) {
    const { all, statuses } = tallyOf(jobOf({ atMs }), 1);
    const wanted = counts ? 1 : 0;
    assert.deepEqual([all.submitted, all.completed, all.inBudget], [wanted, wanted, wanted]);
    assert.equal(statuses.completed, 1, "statuses are of all jobs");
  }
});

test("what ends after the end has not been done", () => {
  const { all, statuses } = tallyOf(jobOf(), 900.5);
  assert.deepEqual([all.submitted, all.completed, all.doneMs, statuses.completed], [1, 0, 0, 1]);
  assert.equal(tallyOf(jobOf(), 900).all.completed, 1);
});

test("jobs are counted with their kind and the class of their budget", () => {
  const tally = new JobTally(2, END_MS, POWERS_OF_TWO);
  const jobs = [jobOf({ kind: 1 }), jobOf({ kind: 1, budgetMs: 500 }), jobOf({ budgetMs: 33 })];
  for (const job of jobs) {
    tally.came(job, 1);
    tally.done(job, "cpu_pool", 10, 8, 2);
  }
  const counts = ({ submitted, inBudget }: { submitted: number; inBudget: number }) =>
    `${submitted} ${inBudget}`;
  assert.deepEqual(tally.byKind.map(counts), ["1 1", "2 2"]);
  assert.deepEqual([...tally.byBudget.keys()], [32, 256]);
  assert.deepEqual([...tally.byBudget.values()].map(counts), ["2 2", "1 1"]);
  assert.equal(tally.all.delays, 3 * 10 / 3);
  const { total, wait, run } = tally.byKind[1];
  const medians = [total, wait, run].map((histogram) => histogram.summary().p50);
  medians.forEach((ms, i) => assert.ok(Math.abs(ms - [10, 8, 2][i]) < 0.4, `${medians}`));
  assert.equal(tally.lag.count, 3);
  assert.deepEqual(tally.routed.cpu_pool, 3);
});

test("budgets are told apart as they were written, unless there are many", () => {
  const names = (classes: BudgetClasses, ...budgets: number[]) =>
    budgets.map((ms) => classes.nameOf(classes.classOf(ms)));
  const few = classesFor([50, 33, 0.5, 50, Infinity]);
  assert.equal(few, EACH_BUDGET);
  assert.deepEqual(names(few, 50, 33, 0.5, Infinity), ["50", "33", "0.5", "Infinity"]);
  const budgets = Array.from({ length: 13 }, (_, i) => 50 + i);
  assert.equal(classesFor(budgets.slice(1)), EACH_BUDGET);
  const many = classesFor(budgets);
  assert.deepEqual(names(many, 50, 0.3, Infinity), ["32-64", "0.25-0.5", "Infinity"]);
  const tally = new JobTally(1, END_MS);
  for (const budgetMs of [33, 50, 33]) tally.came(jobOf({ budgetMs }), 0);
  assert.deepEqual([...tally.byBudget].map(([ms, { submitted }]) => [ms, submitted]), [
    [33, 2],
    [50, 1],
  ]);
});

test("jobs that were not done are counted, by kind and budget, too, if they count", () => {
  const tally = new JobTally(2, END_MS);
  const [first, second] = [jobOf(), jobOf({ kind: 1, budgetMs: 70 })];
  const tooLate = jobOf({ atMs: END_MS });
  for (const job of [first, first, second, second, second, tooLate]) tally.came(job, 0);
  tally.lost(first, "dropped", "backpressure_drop", "late");
  tally.lost(second, "dropped", "backpressure_drop", "late");
  tally.lost(tooLate, "dropped", "backpressure_drop", "late");
  tally.lost(second, "failed", "cpu_pool", "Error: why");
  assert.deepEqual([tally.statuses.dropped, tally.statuses.failed], [3, 1]);
  assert.deepEqual([tally.routed.backpressure_drop, tally.routed.cpu_pool], [3, 1]);
  const { all, byKind, byBudget } = tally;
  assert.deepEqual([...all.dropReasons], [["late", 2]]);
  for (
    const [one, drops, failed, unfinished] of [
      [all, 2, 1, 2],
      [byKind[0], 1, 0, 1],
      [byKind[1], 1, 1, 1],
      [byBudget.get(70)!, 1, 1, 1],
    ] as const
  ) {
    assert.deepEqual([one.dropReasons.get("late"), one.failed, one.unfinished], [
      ...[drops, failed, unfinished],
    ]);
  }
});

test("the class of a budget is the power of two that it has reached", () => {
  const cases = [[1, 1], [1.9, 1], [2, 2], [50, 32], [64, 64], [0.3, 0.25], [500, 256]];
  for (const [budgetMs, power] of cases) assert.equal(powerOfTwo(budgetMs), power);
  assert.equal(powerOfTwo(Infinity), Infinity);
});
