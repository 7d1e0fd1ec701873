import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRouter,
  type DecisionRecord,
  type HelixRouter,
  runtimeInfo,
  type SettledJob,
  type Sink,
  type SubmitOptions,
} from "../../mod.ts";
import type { Arrival } from "../../src/simulation/arrival.ts";
import {
  demoJobs,
  type DemoKinds,
  type JobRecord,
  readTrace,
  recordTrace,
  simulate,
  type SimulationReport,
  type SimulationStart,
  toHeaderLine,
  toRecordLine,
} from "../../src/simulation/mod.ts";
import { Simulation } from "../../src/simulation/simulation.ts";

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function assertAccounts(report: SimulationReport): void {
  const { submitted, completed, failed, dropped, cancelled, timedOut, routed } = report;
  assert.equal(submitted, completed + failed + dropped + cancelled + timedOut);
  assert.equal(sum(routed), submitted);
  assert.equal(sum(report.dropReasons), dropped);
  assert.ok(dropped >= routed.backpressure_drop);
  assert.ok(report.withinBudget <= completed);
  const classes = Object.values(report.byClass);
  for (const name of ["submitted", "completed", "dropped", "withinBudget"] as const) {
    assert.equal(classes.reduce((total, entry) => total + entry[name], 0), report[name], name);
  }
  const latencies = Object.values(report.latencyMs);
  assert.equal(latencies.reduce((total, { count }) => total + count, 0), completed);
  for (const { p50, p95, p99, max } of latencies) assert.ok(p50 <= p95 && p95 <= p99 && p99 <= max);
}

function traceOf(...rows: string[]) {
  const { requests, badRows } = readTrace(
    ["at_ms,kind,cost,scaling,budget_ms", ...rows].join("\n"),
  );
  assert.equal(badRows, 0);
  return requests;
}

test("simulate() runs the workload and accounts for every job", async () => {
  let started: SimulationStart | undefined;
  const report = await simulate({ jobs: 300, seed: 9, onStart: (start) => started = start });
  assertAccounts(report);
  assert.equal(report.submitted, 300);
  assert.equal(report.runtime, runtimeInfo().name);
  assert.equal(report.policy, "adaptive");
  assert.equal(report.seed, 9);
  assert.equal(report.failed + report.cancelled + report.timedOut, 0);
  assert.ok(report.wallMs > 0 && report.goodputWorkRatio >= 0);
  assert.equal(started?.jobs, 300);
  assert.equal(started.settled(), 300);
  assert.equal(started.roundsPerMs, undefined);
  assert.ok(started.workers >= 1 && started.warmMs > 0);
});

test("simulate() hands options to its router, whose workers are ready", async () => {
  const warm: number[] = [];
  const report = await simulate({
    jobs: 200,
    router: {
      cpuParallelism: 1,
      cpuQueueCapacity: 1,
      spawnQueueCapacity: 1,
      policy: {
        name: "all to the pool",
        decide: () => ({ strategy: "cpu_pool", reason: "test" }),
      },
    },
    onStart: ({ workers }) => warm.push(workers),
  });
  assertAccounts(report);
  assert.deepEqual(warm, [1]);
  assert.equal(report.policy, "all to the pool");
  // One runs, one waits, and few have ended meanwhile: all came in one turn.
  assert.ok(report.dropReasons.lane_full > 100 && report.dropReasons.lane_full <= 198);
});

test("simulate() replays a trace by its arrival times", async () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${i * 20},llm_request,${i * 1_000},0.5,500`);
  let spanMs = NaN;
  let roundsPerMs: number | undefined;
  const report = await simulate({
    trace: traceOf(...rows, "390,hash_mix,500,0.1,500", "391,prime_count,70000,0.9,500"),
    speed: 4,
    onStart: (start) => ({ spanMs, roundsPerMs } = start),
  });
  assertAccounts(report);
  assert.equal(report.submitted, 22);
  assert.equal(report.failed, 0);
  assert.equal(spanMs, 391 / 4);
  assert.ok(roundsPerMs !== undefined && roundsPerMs > 0);
  assert.ok(report.wallMs >= 391 / 4, `${report.wallMs}`);
});

test("simulate() records what it decided and what came of it, and reads it back", async () => {
  const records: JobRecord[] = [];
  const decisions: DecisionRecord[] = [];
  const report = await simulate({
    jobs: 100,
    onRecord: (record) => records.push(record),
    onDecision: (decision) => decisions.push(decision),
  });
  assert.equal(records.length, 100);
  // More is known of a kind while its jobs wait: some of them move.
  assert.equal(decisions.filter(({ moved }) => moved !== true).length, 100);
  for (const { id, decision, outcome, kind, cost } of records) {
    const told = decisions.find(({ jobId }) => jobId === id);
    assert.deepEqual([told?.kind, told?.computeCost], [kind, cost]);
    assert.deepEqual([decision?.strategy, decision?.reason], [told?.strategy, told?.reason]);
    assert.equal(told?.moved, undefined, "the first decision is told first");
    assert.equal("runMs" in outcome, outcome.status === "completed");
  }
  const completed = records.filter(({ outcome }) => outcome.status === "completed");
  assert.equal(completed.length, report.completed);
  const dropped = records.filter(({ outcome }) => outcome.status === "dropped");
  assert.equal(dropped.length, report.dropped);

  const { requests, badRows } = readTrace(
    [toHeaderLine({}), ...records.map(toRecordLine)].join("\n"),
  );
  assert.equal(badRows, 0);
  const again: JobRecord[] = [];
  const replayed = await simulate({ trace: requests, onRecord: (record) => again.push(record) });
  assertAccounts(replayed);
  const jobs = (from: readonly JobRecord[]) =>
    from.map(({ at_ms, kind, cost, scaling, budget_ms, input }) =>
      JSON.stringify(
        [at_ms, kind, cost, scaling, budget_ms, input],
        (_, value) => typeof value === "bigint" ? String(value) : value,
      )
    ).sort();
  assert.deepEqual(jobs(again), jobs(records));
});

test("simulate() replays what recordTrace() has recorded of its kinds, job by job", async () => {
  const router = await createRouter({ jobs: demoJobs });
  const lines: string[] = [];
  const stop = recordTrace(router, (line) => lines.push(line));
  const input = { id: 1, inputs: [1, 2], cost: 5_000 };
  for (let i = 0; i < 4; i++) void router.submit("hash_mix", { ...input, cost: i });
  void router.submit("prime_count", input, { latencyBudgetMs: 2_000, priority: 9 });
  void router.submit("llm_request", 1_000);
  await router.close();
  stop();
  const { requests, badRows } = readTrace(lines.join("\n"));
  assert.equal(badRows, 0);
  const keysOf = (jobs: readonly { kind: string; cost?: number }[]) =>
    jobs.map(({ kind, cost }) => `${kind} ${cost}`).sort();
  assert.deepEqual(keysOf(requests), [
    ...["hash_mix 0", "hash_mix 1", "hash_mix 2", "hash_mix 3"],
    ...["llm_request 31.25", "prime_count 5000"],
  ]);
  assert.ok(requests.every(({ serviceMs }) => serviceMs !== undefined && serviceMs >= 0));
  const again: JobRecord[] = [];
  const report = await simulate({ trace: requests, onRecord: (record) => again.push(record) });
  assertAccounts(report);
  assert.deepEqual(keysOf(again), keysOf(requests));
  const prime = again.find(({ kind }) => kind === "prime_count");
  assert.deepEqual([prime?.budget_ms, prime?.priority], [2_000, 9]);
});

test("simulate() that is stopped reports what was done", async () => {
  const rows = Array.from({ length: 50 }, (_, i) => `${i * 100_000},llm_request,1000,0.5,500`);
  const controller = new AbortController();
  const report = await simulate({
    trace: traceOf(...rows),
    speed: 1,
    signal: controller.signal,
    onStart: () => void setTimeout(() => controller.abort(), 20),
  });
  assertAccounts(report);
  assert.equal(report.submitted, 1);
  const none = await simulate({ signal: AbortSignal.abort() });
  assertAccounts(none);
  assert.equal(none.submitted, 0);
});

test("simulate() refuses wrong options by name", async () => {
  for (const jobs of [0, 1.5, 1_000_001, NaN]) {
    await assert.rejects(simulate({ jobs }), /^RangeError: Cannot simulate as "jobs" must be/);
  }
  for (const seed of [-1, 4_294_967_296]) {
    await assert.rejects(simulate({ seed }), /^RangeError: Cannot simulate as "seed" must be/);
  }
  for (const speed of [0, -1, Infinity, NaN]) {
    await assert.rejects(simulate({ speed }), /^RangeError: Cannot simulate as "speed" must be/);
  }
  await assert.rejects(simulate({ trace: [{ atMs: 0, kind: "resize", cost: 1 }] }), {
    message: 'Cannot simulate as "trace" must be of kinds that there are jobs of (hash_mix, ' +
      'prime_count, monte_carlo_risk, llm_request): received kind "resize"',
  });
  await assert.rejects(simulate({ router: { cpuParallelism: 0 } }), { name: "InvalidOptionError" });
});

/** A router that only takes note of what it is offered. */
function createNoteTaker() {
  const offers: { kind: string; options: SubmitOptions | undefined; sink: Sink }[] = [];
  const router = {
    offer(kind: string, _input: unknown, options: SubmitOptions | undefined, sink: Sink) {
      offers.push({ kind, options, sink });
    },
    onDecision: () => () => {},
  };
  return { offers, router: router as unknown as HelixRouter<DemoKinds> };
}

const ARRIVAL: Arrival = {
  atMs: 0,
  kind: "llm_request",
  input: 1,
  hints: { computeCost: 5, latencyBudgetMs: 10 },
  nominalMs: 2,
};

test("Simulation gives the router what is left of a late job's budget", () => {
  const { offers, router } = createNoteTaker();
  const simulation = new Simulation(router, {});
  simulation.offer(ARRIVAL, 0);
  simulation.offer(ARRIVAL, 4);
  simulation.offer({ ...ARRIVAL, hints: {} }, 4);
  assert.deepEqual(offers.map(({ options }) => options), [
    { computeCost: 5, latencyBudgetMs: 10 },
    { computeCost: 5, latencyBudgetMs: 6 },
    {},
  ]);
});

test("Simulation drops a job whose budget is over at its turn, and does not submit it", () => {
  const { offers, router } = createNoteTaker();
  const records: JobRecord[] = [];
  const simulation = new Simulation(router, { onRecord: (record) => records.push(record) });
  simulation.offer(ARRIVAL, 10);
  simulation.offer(ARRIVAL, 500);
  assert.equal(offers.length, 0);
  const { submitted, statuses, routed, dropReasons } = simulation.tally;
  assert.equal(submitted, 2);
  assert.equal(statuses.dropped, 2);
  assert.equal(routed.backpressure_drop, 2);
  assert.deepEqual({ ...dropReasons }, { expired: 2 });
  assert.deepEqual(records.map(({ outcome }) => [outcome.reason, outcome.totalMs]), [
    ["expired", 10],
    ["expired", 500],
  ]);
});

test("Simulation counts what the router refuses apart from jobs", () => {
  const { offers, router } = createNoteTaker();
  const simulation = new Simulation(router, {});
  simulation.offer(ARRIVAL, 0);
  simulation.offer(ARRIVAL, 1);
  offers[0].sink.refused(new Error("no"));
  offers[1].sink.settled({ status: "completed", strategy: "spawn", totalMs: 3 } as SettledJob);
  assert.equal(simulation.tally.refused, 1);
  assert.equal(simulation.tally.submitted, 1);
  assert.equal(simulation.tally.settled, 2);
  assert.equal(simulation.tally.latencyReport().spawn.max, 4);
});
