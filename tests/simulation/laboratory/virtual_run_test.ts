import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy, STATUSES, STRATEGIES, thresholdPolicy } from "../../../mod.ts";
import { runPlainLoop, runPlainPool } from "../../../src/simulation/compare/plain.ts";
import {
  runVirtually,
  type VirtualResult,
  type VirtualRunOptions,
} from "../../../src/simulation/laboratory/virtual_run.ts";
import { forcedPolicy } from "../../../src/testing/mod.ts";
import { runOracle } from "../../../src/simulation/oracle/oracle.ts";
import type { WorkloadSpec } from "../../../src/simulation/workload/spec.ts";
import { guarded } from "../../fixtures/until.ts";
import { drawJobs, shipped, workloadOf } from "../workload/drawn_jobs.ts";

type Run = (options: VirtualRunOptions) => VirtualResult | Promise<VirtualResult>;

const CONTESTANTS: Readonly<Record<string, Run>> = {
  threshold: (options) => runVirtually({ policy: thresholdPolicy }, options),
  "inline-only": runPlainLoop,
  "pool-only": runPlainPool,
  oracle: runOracle,
  "oracle-count": (options) => runOracle(options, { objective: "count" }),
};

const USUAL = { word: "right", load: 1.2, workers: 2, cores: 2, durationMs: 400, seed: 7 } as const;

const CRASHING = workloadOf([
  { perSizeMs: 4, crashes: 0.05, budgets: [{ share: 1, budgetMs: 200 }] },
  { perSizeMs: 2, size: { type: "exponential", mean: 1 } },
]);

const CLOSED: WorkloadSpec = {
  ...shipped("mix"),
  arrivals: { type: "closed", clients: 20, thinkMs: 3 },
};

const sumOf = (counts: Iterable<number>) => [...counts].reduce((sum, count) => sum + count, 0);

const workloads = [
  ...["mix", "latch", "io", "late", "crowd", "bursty"].map(shipped),
  { ...CRASHING, name: "crashing" },
  { ...CLOSED, name: "closed" },
];

for (const [name, run] of Object.entries(CONTESTANTS)) {
  test(`${name}: each job ends once, in whatever way, when a run drains`, guarded, async () => {
    for (const workload of workloads) {
      const options: VirtualRunOptions = { ...USUAL, workload, drains: true };
      const { tally, stats } = await run(options);
      const { all, byKind, byBudget, statuses, routed } = tally;
      if (workload.arrivals?.type !== "closed") {
        assert.equal(all.submitted, drawJobs(options).length, workload.name);
      }
      assert.equal(sumOf(STATUSES.map((status) => statuses[status])), all.submitted, workload.name);
      assert.equal(sumOf(STRATEGIES.map((strategy) => routed[strategy])), all.submitted);
      assert.equal(all.completed, statuses.completed);
      assert.equal(sumOf(all.dropReasons.values()), statuses.dropped);
      for (const classes of [byKind, [...byBudget.values()]]) {
        for (const figure of ["submitted", "completed", "inBudget"] as const) {
          assert.equal(sumOf(classes.map((one) => one[figure])), all[figure], figure);
        }
      }
      assert.equal(all.unfinished, 0, workload.name);
      assert.ok(all.inBudget <= all.completed && all.workMs <= all.doneMs);
      if (stats !== undefined) {
        assert.ok(stats.submitted <= all.submitted);
        assert.equal(stats.completed, statuses.completed);
      }
    }
  });

  test(`${name}: no more is done than the cores can do`, guarded, async () => {
    for (const cores of [1, 2, 3]) {
      const options = { ...USUAL, workload: shipped("exp50"), load: 3, cores };
      const { tally, wallMs } = await run({ ...options, durationMs: 1_000 });
      assert.equal(wallMs, 1_000);
      assert.ok(tally.all.doneMs <= cores * 1_000, `${tally.all.doneMs} ms on ${cores}`);
      const least = name === "inline-only" ? 0.85 : 0.85 * Math.min(cores, 2);
      assert.ok(tally.all.doneMs > least * 1_000, `${tally.all.doneMs} ms on ${cores}`);
    }
  });
}

test("jobs that crash fail, and the run goes on", guarded, async () => {
  for (const name of ["threshold", "pool-only", "oracle"]) {
    const options: VirtualRunOptions = {
      ...USUAL,
      workload: CRASHING,
      load: 0.5,
      durationMs: 2_000,
    };
    const { tally } = await CONTESTANTS[name]({ ...options, drains: true });
    const jobs = drawJobs(options);
    const crashes = jobs.filter((job) => job.crashes).length;
    assert.ok(crashes > 5);
    assert.ok(tally.statuses.failed > 0 && tally.statuses.failed <= crashes, name);
    const lastMs = jobs.filter(({ atMs }) => atMs > 1_000).length / jobs.length;
    assert.ok(tally.all.inBudget > lastMs * jobs.length, `${name}: ${tally.all.inBudget}`);
  }
});

test("on the loop's own thread, jobs that crash fail by a throw", guarded, async () => {
  const workload: WorkloadSpec = {
    ...CRASHING,
    kinds: [...CRASHING.kinds, {
      ...CRASHING.kinds[0],
      ...{ name: "waiting", perSizeMs: 0.1, waitMs: { type: "fixed", value: 3 }, crashes: 0.5 },
    }],
  };
  const options: VirtualRunOptions = { ...USUAL, workload, load: 0.3, drains: true };
  const crashing = drawJobs(options).filter(({ crashes }) => crashes);
  assert.ok(new Set(crashing.map(({ kind }) => kind)).size === 2);
  const inline = () => forcedPolicy("inline");
  for (
    const run of [
      CONTESTANTS["inline-only"],
      (options: VirtualRunOptions) => runVirtually({ policy: inline }, options),
    ]
  ) {
    const { tally } = await run(options);
    assert.equal(tally.statuses.failed, crashing.length);
    assert.equal(tally.statuses.completed, tally.all.submitted - crashing.length);
  }
});

test(
  "what mostly waits is in time beside rare long runs, which keep their share of workers",
  guarded,
  async () => {
    const [usual, held] = [{ type: "fixed", value: 0.5 }, { type: "fixed", value: 20 }] as const;
    const workload = workloadOf([{
      name: "fetching",
      size: { type: "bimodal", share: 0.1, first: usual, second: held },
      perSizeMs: 1,
      waitMs: { type: "uniform", min: 30, max: 60 },
      budgets: [{ share: 1, budgetMs: 300 }],
    }]);
    const options = { ...USUAL, workload, word: "none", load: 0.15, durationMs: 5_000 } as const;
    const { tally: { all, routed } } = await runVirtually({ policy: adaptivePolicy }, options);
    assert.ok(all.inBudget > 0.95 * all.submitted, `${all.inBudget} of ${all.submitted}`);
    assert.ok(routed.cpu_pool > 0.1 * all.submitted, `${routed.cpu_pool} of ${all.submitted}`);
  },
);

test(
  "of alike jobs that are too many, most are refused as they come, and the workers do what they can",
  guarded,
  async () => {
    const workload = workloadOf([{
      size: { type: "lognormal", mean: 30, spread: 0.1 },
      perSizeMs: 1,
      budgets: [{ share: 1, budgetMs: 200 }],
    }]);
    const options = { ...USUAL, workload, word: "none", load: 2, durationMs: 5_000 } as const;
    const { tally: { all } } = await runVirtually({ policy: adaptivePolicy }, options);
    const { too_late: refused = 0, expired = 0 } = Object.fromEntries(all.dropReasons);
    assert.ok(refused > 1.5 * expired, `${refused} refused, ${expired} expired`);
    assert.ok(all.inBudget > 0.48 * all.submitted, `${all.inBudget} of ${all.submitted}`);
  },
);

test("a cold run starts its workers when they are asked for", guarded, async () => {
  for (const name of ["threshold", "pool-only", "oracle"]) {
    const options = { ...USUAL, workload: shipped("bi50"), load: 0.7, durationMs: 1_000 };
    const [warm, cold] = [
      await CONTESTANTS[name](options),
      await CONTESTANTS[name]({ ...options, isWarm: false }),
    ];
    assert.ok(cold.tally.all.inBudget < warm.tally.all.inBudget, name);
    assert.ok(cold.tally.all.inBudget > 0.5 * warm.tally.all.inBudget, name);
  }
});
