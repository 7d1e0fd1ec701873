import assert from "node:assert/strict";
import { test } from "node:test";
import { Drive, type DriveOptions } from "../../../src/simulation/laboratory/drive.ts";
import type { LabJob } from "../../../src/simulation/workload/lab_job.ts";
import { VirtualClock } from "../../../src/testing/mod.ts";
import { drawJobs, workloadOf } from "../workload/drawn_jobs.ts";

const USUAL = { word: "right", load: 0.7, cores: 2, durationMs: 1_000, seed: 7 } as const;

/** Drives a workload; what is offered goes to `offer`. */
function driveOf(
  options: Partial<DriveOptions> & Pick<DriveOptions, "workload">,
  offer: (drive: Drive, clock: VirtualClock, job: LabJob, lateMs: number) => void,
  submitMs = 0,
) {
  const clock = new VirtualClock();
  clock.advance(123); // it need not begin at 0
  const drive = new Drive(clock, { ...USUAL, ...options }, submitMs, (drive) => ({
    offer: (job, lateMs) => offer(drive, clock, job, lateMs),
  }));
  return { drive, clock, wallMs: drive.run() };
}

const times = (ms: number) => ({ totalMs: ms, waitMs: 0, runMs: ms });

test("jobs are offered when they are due, in order, each once", () => {
  const workload = workloadOf([{}]);
  const seen: LabJob[] = [];
  const { drive, wallMs } = driveOf({ workload }, (_, clock, job, lateMs) => {
    assert.ok(Math.abs(clock.now() - 123 - job.atMs) < 1e-9 && Math.abs(lateMs) < 1e-9);
    seen.push(job);
  });
  assert.deepEqual(seen, drawJobs({ workload, durationMs: 1_000 }));
  assert.equal(wallMs, 1_000);
  assert.equal(drive.tally.lag.count, seen.length);
  assert.ok(drive.tally.lag.summary().max < 1e-6);
});

test("a thread that sends jobs takes its time on the cores, once for all that are due by then", () => {
  const workload = workloadOf([{}]);
  const jobs = drawJobs({ workload, durationMs: 1_000 }).slice(0, 3).map((job, i) => ({
    ...job,
    atMs: 10 + i,
  }));
  const clock = new VirtualClock({ cores: 1, sliceMs: 100, wakeUpMs: 0 });
  const seen: number[] = [];
  const options = { ...USUAL, workload, jobs, wakeMs: 0.5 };
  new Drive(clock, options, 0, () => ({
    offer: (_, lateMs) => {
      seen.push(clock.now(), lateMs);
      clock.occupy(5);
    },
  })).run();
  // It wakes for the first one, and gets the core again after that has run: the others are both due by then.
  assert.deepEqual(seen.map((ms) => Math.round(10 * ms) / 10), [10, 0, 15.5, 4.5, 20.5, 8.5]);
});

test("what offering costs makes the jobs behind it late, which counts for them", () => {
  const workload = workloadOf([{ budgets: [{ share: 1, budgetMs: 30 }] }]);
  let last = 0;
  const { drive, wallMs, clock } = driveOf(
    { workload, durationMs: 200 },
    (drive, clock, job, lateMs) => {
      assert.ok(Math.abs(clock.now() - 123 - job.atMs - lateMs) < 1e-9);
      assert.ok(lateMs > 1.999);
      last = lateMs;
      drive.completed(job, "inline", times(1), lateMs);
    },
    2,
  );
  assert.ok(last > 100, "it is offered more than it can take");
  assert.equal(wallMs, 200, "the duration, however late the last one was");
  assert.ok(clock.now() > 123 + 200);
  const { all, statuses } = drive.tally;
  assert.equal(statuses.completed, drawJobs({ workload, durationMs: 200 }).length);
  assert.ok(all.inBudget > 10 && all.inBudget < 0.3 * all.submitted);
  assert.ok(drive.tally.lag.summary().max > 100);
});

test("a pause holds up the thread when it is due", () => {
  const late: number[] = [];
  driveOf({
    workload: workloadOf([{}], { pauses: [{ at: 0.5, ms: 50 }] }),
  }, (_, __, job, lateMs) => {
    const untilMs = 550 - job.atMs;
    assert.ok(Math.abs(lateMs - (job.atMs > 500 ? Math.max(0, untilMs) : 0)) < 1e-9);
    late.push(lateMs);
  });
  assert.ok(Math.max(...late) > 45);
});

test("clients have one job each at most, and think between two", () => {
  for (const drains of [false, true]) {
    let inFlight = 0;
    let most = 0;
    let jobs = 0;
    const workload = workloadOf([{}], { arrivals: { type: "closed", clients: 3, thinkMs: 2 } });
    const { drive, wallMs } = driveOf({ workload, drains }, (drive, clock, job) => {
      jobs++;
      most = Math.max(most, ++inFlight);
      clock.setTimer(8, () => {
        inFlight--;
        if (job.id % 2 === 0) drive.completed(job, "inline", times(8), 0);
        else drive.lost(job, "dropped", "backpressure_drop", "why");
      }, undefined);
    });
    assert.equal(most, 3);
    assert.ok(Math.abs(jobs - 3 * 1_000 / 10) < 30, `${jobs} jobs`);
    const { completed, dropped } = drive.tally.statuses;
    if (drains) assert.deepEqual([inFlight, completed + dropped], [0, jobs]);
    else assert.ok(jobs - completed - dropped <= 3);
    assert.ok(drains ? wallMs > 1_000 && wallMs < 1_010 : wallMs === 1_000);
  }
});

test("what ends after the run does not count, unless it drains", () => {
  for (const drains of [false, true]) {
    const workload = workloadOf([{}]);
    const { drive, clock, wallMs } = driveOf({ workload, drains }, (drive, clock, job) => {
      clock.setTimer(400, () => drive.completed(job, "inline", times(400), 0), undefined);
    });
    clock.run();
    const { all, statuses } = drive.tally;
    const jobs = drawJobs({ workload, durationMs: 1_000 });
    const done = jobs.filter(({ atMs }) => drains || atMs <= 600).length;
    assert.equal(statuses.completed, done);
    assert.equal(all.completed, done);
    assert.equal(all.submitted, jobs.filter(({ atMs }) => drains || atMs + 15 <= 1_000).length);
    assert.ok(drains ? wallMs > 1_390 : wallMs === 1_000);
  }
});
