import assert from "node:assert/strict";
import { test } from "node:test";
import type { SettledJob } from "../../mod.ts";
import type { Arrival } from "../../src/simulation/arrival.ts";
import { type RunFacts, toReport } from "../../src/simulation/report.ts";
import { nominalServiceMs, serviceClassOf } from "../../src/simulation/service_time.ts";
import { Tally } from "../../src/simulation/tally.ts";

function arrivalOf(nominalMs: number): Arrival {
  return { atMs: 0, kind: "llm_request", input: 1, hints: {}, nominalMs };
}

function jobOf(job: Partial<SettledJob>): SettledJob {
  const kind = { name: "llm_request", index: 0, batchable: false, hasModule: true };
  return {
    id: 1,
    kind,
    facts: {
      id: 1,
      kind,
      computeCost: 1,
      scalingPotential: 0.5,
      latencyBudgetMs: Infinity,
      priority: 5,
      key: "",
      submittedAtMs: 0,
      arrivedAtMs: 0,
    },
    input: 1,
    decision: { strategy: "cpu_pool", reason: "test" },
    status: "completed",
    strategy: "cpu_pool",
    value: undefined,
    submittedAtMs: 0,
    ran: true,
    waitMs: 0,
    runMs: 0,
    batchSize: 1,
    totalMs: 0,
    withinBudget: true,
    ...job,
  };
}

const FACTS: RunFacts = {
  runtime: "node",
  policy: "threshold",
  seed: 7,
  rejected: { closed: 2 },
  eventLoopLagMs: { p50: 1.00049, p99: 2, max: 3 },
  workers: 2,
  wallMs: 500,
};

test("toReport() counts every job once, by status, strategy and reason", () => {
  const tally = new Tally();
  tally.add(arrivalOf(2), jobOf({ totalMs: 10 }), 5);
  tally.add(arrivalOf(8), jobOf({ totalMs: 30, withinBudget: false }), 0);
  tally.add(arrivalOf(0.5), jobOf({ strategy: "inline", totalMs: 1 }), 0);
  tally.add(arrivalOf(2), jobOf({ strategy: "spawn", status: "failed" }), 0);
  tally.add(arrivalOf(2), jobOf({ strategy: "batch", status: "dropped", value: "expired" }), 0);
  const full = { strategy: "backpressure_drop", status: "dropped", value: "lane_full" } as const;
  tally.add(arrivalOf(2), jobOf(full), 0);
  tally.add(arrivalOf(2), jobOf({ status: "cancelled" }), 0);
  tally.add(arrivalOf(2), jobOf({ status: "timedOut" }), 0);
  tally.addExpired(arrivalOf(2));
  assert.equal(tally.settled, 9);

  const report = toReport(tally, FACTS);
  assert.deepEqual(Object.keys(report), [
    ...["runtime", "policy", "seed", "submitted", "completed", "failed", "dropped", "cancelled"],
    ...["timedOut", "routed", "dropReasons", "rejected", "latencyMs", "byClass", "withinBudget"],
    ...["goodputPerS", "goodputWorkRatio", "eventLoopLagMs", "wallMs"],
  ]);
  const { submitted, completed, failed, dropped, cancelled, timedOut } = report;
  assert.deepEqual({ submitted, completed, failed, dropped, cancelled, timedOut }, {
    submitted: 9,
    completed: 3,
    failed: 1,
    dropped: 3,
    cancelled: 1,
    timedOut: 1,
  });
  assert.deepEqual(report.routed, {
    inline: 1,
    spawn: 1,
    cpu_pool: 4,
    batch: 1,
    backpressure_drop: 2,
  });
  assert.deepEqual(report.dropReasons, { expired: 2, lane_full: 1 });
  assert.deepEqual(report.rejected, { closed: 2 });
  assert.deepEqual(report.eventLoopLagMs, { p50: 1, p99: 2, max: 3 });
});

test("toReport() measures latency from when a job was due, of completed jobs only", () => {
  const tally = new Tally();
  for (let job = 0; job < 99; job++) tally.add(arrivalOf(1), jobOf({ totalMs: 1 }), 1);
  tally.add(arrivalOf(1), jobOf({ totalMs: 90 }), 10);
  tally.add(arrivalOf(1), jobOf({ status: "failed", totalMs: 999 }), 0);
  tally.add(arrivalOf(1), jobOf({ status: "dropped", value: "expired", totalMs: 999 }), 0);
  const { latencyMs, byClass } = toReport(tally, FACTS);
  const { count, mean, p50, p95, p99, max } = latencyMs.cpu_pool;
  assert.deepEqual([count, mean, max], [100, 2.98, 100]);
  for (const value of [p50, p95, p99]) assert.ok(Math.abs(value - 2) < 0.04, `${value}`);
  assert.deepEqual(byClass.medium.latencyMs, latencyMs.cpu_pool);
  assert.deepEqual(latencyMs.inline, { count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 });
});

test("toReport() counts good work as the nominal time of jobs done within their budget", () => {
  const tally = new Tally();
  tally.add(arrivalOf(100), jobOf({}), 0);
  tally.add(arrivalOf(50), jobOf({}), 0);
  tally.add(arrivalOf(700), jobOf({ withinBudget: false }), 0);
  tally.addExpired(arrivalOf(900));
  const report = toReport(tally, FACTS);
  assert.equal(report.withinBudget, 2);
  assert.equal(report.goodputPerS, 4);
  assert.equal(report.goodputWorkRatio, 0.15); // 150 ms of 2 workers for 500 ms
  assert.equal(report.byClass.large.withinBudget, 2);
  assert.equal(report.byClass.large.submitted, 4);
});

test("toReport() of nothing has figures, not NaN", () => {
  const report = toReport(new Tally(), { ...FACTS, wallMs: 0 });
  assert.equal(report.submitted, 0);
  assert.equal(report.goodputPerS, 0);
  assert.equal(report.goodputWorkRatio, 0);
  assert.equal(JSON.stringify(report).includes("null"), false);
});

test("serviceClassOf() puts 1 ms and 5 ms with the medium ones", () => {
  assert.deepEqual([0, 0.999, 1, 5, 5.001].map(serviceClassOf), [
    "small",
    "small",
    "medium",
    "medium",
    "large",
  ]);
});

test("nominalServiceMs() is what the kernels' specification says", () => {
  const close = (kind: Parameters<typeof nominalServiceMs>[0], cost: number, ms: number) =>
    assert.ok(Math.abs(nominalServiceMs(kind, cost) - ms) < 1e-9, `${kind} at ${cost}`);
  close("hash_mix", 120_000, 0.0024);
  close("prime_count", 80_000, 0.062);
  close("prime_count", 1, 0.00775);
  close("monte_carlo_risk", 20_000, 0.124);
  close("monte_carlo_risk", 999_999, 0.124);
  close("monte_carlo_risk", 2_000_000, 0.248);
  close("llm_request", 20_000, 1);
});
