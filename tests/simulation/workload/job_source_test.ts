import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { COST_WORDS, type CostWord } from "../../../src/simulation/workload/cost_words.ts";
import {
  busyFactorAt,
  JobSource,
  meanBusyMs,
} from "../../../src/simulation/workload/job_source.ts";
import { busyMsOf, type LabJob, limitMsOf } from "../../../src/simulation/workload/lab_job.ts";
import { WORKLOADS } from "../../../src/simulation/workload/shipped.ts";
import { runs } from "../../fixtures/property.ts";
import { guarded } from "../../fixtures/until.ts";
import { drawJobs, shipped, workloadOf } from "./drawn_jobs.ts";

const sumOf = (jobs: readonly LabJob[], of: (job: LabJob) => number) =>
  jobs.reduce((sum, job) => sum + of(job), 0);

for (const workload of WORKLOADS) {
  const { name, arrivals } = workload;
  test(`${name}: the load is as asked, jobs are in order and whole`, guarded, () => {
    const [load, cores] = [0.8, 2];
    const bursty = arrivals?.type === "bursty";
    const durationMs = (bursty ? 50_000 : 20_000) * meanBusyMs(workload) / (load * cores);
    const jobs = drawJobs({ workload, load, cores, durationMs });
    const busyMs = sumOf(jobs, busyMsOf);
    const wantedMs = load * cores * durationMs;
    // Deviation of a sum over jobs that come independently; bursts add theirs.
    let deviation = Math.sqrt(sumOf(jobs, (job) => busyMsOf(job) ** 2)) / wantedMs;
    if (bursty) deviation += Math.sqrt(25.6 * durationMs) / (0.2 * durationMs);
    const error = busyMs / wantedMs - 1;
    assert.ok(Math.abs(error) <= 3.5 * deviation, `${error} off, deviation ${deviation}`);
    let lastMs = 0;
    jobs.forEach((job, i) => {
      assert.equal(job.id, i);
      assert.ok(job.atMs >= lastMs && job.atMs < durationMs);
      lastMs = job.atMs;
      const { waitMs, afterShare = 0 } = workload.kinds[job.kind];
      assert.equal(job.waitMs > 0, waitMs !== undefined);
      assert.ok(Math.abs(job.afterMs - afterShare * busyMsOf(job)) < 1e-9);
    });
  });

  test(`${name}: a seed gives the same jobs whatever the costs say and whatever the load`, () => {
    const options = { workload, durationMs: 1_000 };
    const jobs = drawJobs(options);
    assert.deepEqual(drawJobs(options), jobs);
    assert.notDeepEqual(drawJobs({ ...options, seed: 8 }), jobs);
    const without = (jobs: readonly LabJob[]) => jobs.map((job) => ({ ...job, cost: 0 }));
    for (const word of Object.keys(COST_WORDS) as CostWord[]) {
      assert.deepEqual(without(drawJobs({ ...options, word })), without(jobs));
    }
    const more = drawJobs({ ...options, load: 2 });
    workload.kinds.forEach((_, kind) => {
      const drawn = (jobs: readonly LabJob[]) =>
        jobs.filter((job) => job.kind === kind).map(({ cost, waitMs }) => [cost, waitMs]);
      const [few, many] = [drawn(jobs), drawn(more)];
      const common = Math.min(few.length, many.length);
      assert.ok(common > 0);
      assert.deepEqual(few.slice(0, common), many.slice(0, common));
    });
  });
}

test("arrivals are a Poisson process", () => {
  const jobs = drawJobs({ workload: workloadOf([{}]), durationMs: 20_000 });
  const gaps = jobs.slice(1).map(({ atMs }, i) => atMs - jobs[i].atMs);
  const mean = gaps.reduce((sum, x) => sum + x, 0) / gaps.length;
  const square = gaps.reduce((sum, x) => sum + x * x, 0) / gaps.length;
  assert.ok(Math.abs(mean * 1.4 - 1) < 0.03, `${mean}`);
  assert.ok(Math.abs(square / mean ** 2 - 2) < 0.15, `${square / mean ** 2}`);
});

test("kinds and budgets come by their shares, and each job has a priority", () => {
  const workload = workloadOf([
    { share: 3, budgets: [{ share: 1, budgetMs: 20 }, { share: 4, budgetMs: 500, priority: 8 }] },
    { share: 1 },
  ]);
  const jobs = drawJobs({ workload, durationMs: 10_000 });
  const first = jobs.filter(({ kind }) => kind === 0);
  assert.ok(Math.abs(first.length / jobs.length - 0.75) < 0.015);
  const tight = first.filter(({ budgetMs }) => budgetMs === 20);
  assert.ok(Math.abs(tight.length / first.length - 0.2) < 0.015);
  for (const { kind, budgetMs, priority } of jobs) {
    if (kind === 1) assert.deepEqual([budgetMs, priority], [Infinity, 5]);
    else assert.equal(priority, budgetMs === 20 ? 5 : 8);
  }
});

test("jobs crash at their rate, and only those of kinds that do", () => {
  const workload = workloadOf([{ crashes: 0.1 }, {}]);
  const jobs = drawJobs({ workload, durationMs: 10_000 });
  const crashing = jobs.filter(({ crashes }) => crashes);
  assert.ok(crashing.every(({ kind }) => kind === 0));
  assert.ok(Math.abs(crashing.length / (jobs.length / 2) - 0.1) < 0.02, `${crashing.length}`);
});

test("a wait comes before the share of the time that is after it; without one, nothing does", () => {
  const kind = { perSizeMs: 10, afterShare: 0.75 };
  const of = (waitMs: number) =>
    drawJobs({ workload: workloadOf([{ ...kind, waitMs: { type: "fixed", value: waitMs } }]) })[0];
  const { beforeMs, waitMs, afterMs } = of(4);
  assert.deepEqual([beforeMs, waitMs, afterMs], [2.5, 4, 7.5]);
  const none = of(0);
  assert.deepEqual([none.beforeMs, none.waitMs, none.afterMs], [10, 0, 0]);
});

test("a change begins and ends at its times", () => {
  const kinds = [
    { changes: [{ from: 0.25, to: 0.5, busyFactor: 10 }] },
    { changes: [{ from: 0.5, rateFactor: 3 }] },
    {},
  ];
  const durationMs = 8_000;
  const jobs = drawJobs({ workload: workloadOf(kinds), load: 0.9, durationMs });
  for (const job of jobs) {
    const at = job.atMs / durationMs;
    const isSlow = job.kind === 0 && at >= 0.25 && at < 0.5;
    assert.equal(busyMsOf(job), isSlow ? 10 : 1);
    assert.equal(busyFactorAt(workloadOf(kinds).kinds[job.kind], at), isSlow ? 10 : 1);
    assert.equal(job.cost, 20_000, "the cost says what it said before");
  }
  const count = (kind: number, from: number, to: number) =>
    jobs.filter((job) =>
      job.kind === kind && job.atMs >= from * durationMs && job.atMs < to * durationMs
    ).length;
  const ratio = count(1, 0.5, 1) / count(1, 0, 0.5);
  assert.ok(Math.abs(ratio - 3) < 0.5, `${ratio}`);
  const steady = count(2, 0.5, 1) / count(2, 0, 0.5);
  assert.ok(Math.abs(steady - 1) < 0.15, `${steady}`);
});

test("changes that overlap multiply", () => {
  const changes = [{ from: 0.2, to: 0.8, rateFactor: 2 }, { from: 0.4, to: 0.6, rateFactor: 3 }];
  const durationMs = 20_000;
  const jobs = drawJobs({ workload: workloadOf([{ changes }]), load: 0.5, durationMs });
  const counts = new Array(5).fill(0);
  for (const { atMs } of jobs) counts[Math.floor(5 * atMs / durationMs)]++;
  const each = jobs.length / (1 + 2 + 6 + 2 + 1);
  [1, 2, 6, 2, 1].forEach((factor, i) => {
    assert.ok(Math.abs(counts[i] / (factor * each) - 1) < 0.1, `${counts}, each ${each}`);
  });
  const wantedMs = 0.5 * 2 * durationMs;
  assert.ok(Math.abs(sumOf(jobs, busyMsOf) / wantedMs - 1) < 0.03);
});

test("diurnal arrivals go up and down by the swing", () => {
  const [periodMs, swing] = [1_000, 0.9];
  const workload = workloadOf([{}], { arrivals: { type: "diurnal", periodMs, swing } });
  const jobs = drawJobs({ workload, durationMs: 20_000 });
  const halves = [0, 0];
  for (const { atMs } of jobs) halves[Math.floor(2 * atMs / periodMs) % 2]++;
  // The mean of the wave over its upper half is 2/3.
  const up = halves[0] / (jobs.length / 2);
  assert.ok(Math.abs(up - (1 + swing * 2 / 3)) < 0.04, `${up}`);
  assert.ok(Math.abs(sumOf(jobs, busyMsOf) / (0.7 * 2 * 20_000) - 1) < 0.03);
});

test("bursts come at the same times whatever the load, and not always at first", () => {
  const { arrivals, kinds } = shipped("bursty");
  const workload = workloadOf(kinds.map((kind) => ({ ...kind, changes: [] })), { arrivals });
  const slotsOf = (load: number, seed: number) =>
    new Set(
      drawJobs({ workload, load, seed, durationMs: 10_000 }).map(({ atMs }) =>
        Math.floor(atMs / 10)
      ),
    );
  const [many, few] = [slotsOf(8, 7), slotsOf(0.3, 7)];
  assert.ok([...few].filter((slot) => !many.has(slot)).length <= 0.05 * few.size);
  assert.ok(many.size < 400, `jobs in ${many.size} of 1,000 slots`);
  let atFirst = 0;
  for (let seed = 1; seed <= 200; seed++) {
    if (drawJobs({ workload, load: 8, seed, durationMs: 10 }).length > 0) atFirst++;
  }
  assert.ok(atFirst > 20 && atFirst < 80, `${atFirst} of 200`); // 20 % and those that begin by 10 ms
});

test("any number of kinds, shares and changes has the load that was asked", guarded, () => {
  const share = fc.integer({ min: 0, max: 100 });
  const change = fc.record({
    from: share.map((x) => x / 100),
    busyFactor: fc.integer({ min: 1, max: 4 }),
    rateFactor: fc.integer({ min: 0, max: 4 }),
  });
  const kind = fc.record({
    share: fc.integer({ min: 1, max: 9 }),
    perSizeMs: fc.integer({ min: 1, max: 5 }),
    changes: fc.array(change, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(kind, { minLength: 1, maxLength: 4 }), (kinds) => {
      const workload = workloadOf([...kinds, {}]);
      const durationMs = 3_000 * meanBusyMs(workload);
      const jobs = drawJobs({ workload, load: 1, cores: 1, durationMs });
      const error = sumOf(jobs, busyMsOf) / durationMs - 1;
      const deviation = Math.sqrt(sumOf(jobs, (job) => busyMsOf(job) ** 2)) / durationMs;
      assert.ok(Math.abs(error) <= 4.5 * deviation, `${error}, deviation ${deviation}`);
    }),
    runs(30),
  );
});

test("clients are given jobs at any time, and think for so long on average", () => {
  const changes = [{ from: 0.5, rateFactor: 0 }];
  const workload = workloadOf([{ changes }, {}], {
    arrivals: { type: "closed", clients: 3, thinkMs: 5 },
  });
  const source = new JobSource({
    ...{ workload, word: "right", load: 0.7, cores: 2, durationMs: 1_000, seed: 7 },
  });
  const kinds = [0, 0];
  for (let i = 0; i < 400; i++) {
    const job = source.at(i < 200 ? 100 : 600);
    assert.equal(job.id, i);
    if (i >= 200) assert.equal(job.kind, 1, "the other kind has stopped");
    else kinds[job.kind]++;
  }
  assert.ok(kinds[0] > 70 && kinds[1] > 70, `${kinds}`);
  let sum = 0;
  for (let i = 0; i < 5_000; i++) sum += source.thinkMs(5);
  assert.ok(Math.abs(sum / 5_000 - 5) < 0.3, `${sum / 5_000}`);
  assert.equal(source.thinkMs(0), 0);
});

test("a job counts within its budget, or without one within 10 ms and five times its time", () => {
  const job: LabJob = {
    ...{ id: 0, kind: 0, atMs: 0, beforeMs: 1, waitMs: 2, afterMs: 3 },
    ...{ cost: 1, budgetMs: 40, priority: 5, crashes: false },
  };
  assert.equal(busyMsOf(job), 4);
  assert.equal(limitMsOf(job), 40);
  assert.equal(limitMsOf({ ...job, budgetMs: Infinity }), 10 + 5 * 6);
});

test("bursts bring what was asked, also of jobs that are rarer than bursts", () => {
  const workload = workloadOf([{}], { arrivals: { type: "bursty", onMs: 20, offMs: 20 } });
  const durationMs = 200_000;
  const jobs = drawJobs({ workload, load: 0.05, cores: 1, durationMs });
  assert.ok(Math.abs(jobs.length / (0.05 * durationMs) - 1) < 0.04, `${jobs.length}`);
});

test("what is drawn for one thing says nothing about another", () => {
  const kind = {
    size: { type: "uniform", min: 0.5, max: 1.5 },
    waitMs: { type: "uniform", min: 0.5, max: 1.5 },
    budgets: [{ share: 1, budgetMs: 20 }, { share: 1, budgetMs: 40 }],
    crashes: 0.5,
  } as const;
  const workload = workloadOf([kind, kind]);
  const jobs = drawJobs({ workload, word: "noise", durationMs: 8_000 });
  const draws: readonly ((job: LabJob, i: number) => number)[] = [
    (job, i) => job.atMs - (i === 0 ? 0 : jobs[i - 1].atMs),
    (job) => job.kind,
    busyMsOf,
    (job) => job.waitMs,
    (job) => job.budgetMs,
    (job) => job.crashes ? 1 : 0,
    (job) => Math.log(job.cost! / busyMsOf(job)),
  ];
  const columns = draws.map((draw) => {
    const values = jobs.map(draw);
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    const spread = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
    return values.map((x) => (x - mean) / spread);
  });
  for (let a = 0; a < columns.length; a++) {
    for (let b = 0; b < a; b++) {
      const correlation = columns[a].reduce((sum, x, i) => sum + x * columns[b][i], 0) /
        jobs.length;
      assert.ok(Math.abs(correlation) < 4 / Math.sqrt(jobs.length), `${a}, ${b}: ${correlation}`);
    }
  }
});
