// GET /metrics, read back by a parser of its own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { BUCKET_BOUNDS_MS, Histogram } from "../../../mod.ts";
import { toFamilies } from "../../../src/http/metrics/figures.ts";
import { PROMETHEUS } from "../../../src/http/metrics/text.ts";
import { guarded, until } from "../../fixtures/until.ts";
import { makeHistory } from "../fixtures/history.ts";
import { startServer } from "../fixtures/test_server.ts";

interface Family {
  type: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

/** Reads the text format, strictly. */
function parse(text: string): Map<string, Family> {
  assert.ok(text.endsWith("\n"));
  const families = new Map<string, Family>();
  let current = "";
  let help = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const head = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line);
    if (head !== null) {
      if (head[1] === "HELP") help = head[2];
      else {
        assert.equal(help, head[2]);
        assert.ok(!families.has(head[2]), `${head[2]} twice`);
        families.set(current = head[2], { type: head[3], samples: [] });
      }
      continue;
    }
    const sample = /^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)+)\})? (\S+)$/.exec(line);
    assert.ok(sample !== null, `cannot read: ${line}`);
    const pairs = [...(sample[2] ?? "").matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)];
    const unescape = (value: string) =>
      value.replace(/\\(.)/g, (_, char) => char === "n" ? "\n" : char);
    const value = sample[3] === "+Inf" ? Infinity : Number(sample[3]);
    assert.ok(!Number.isNaN(value), line);
    assert.ok(sample[1].startsWith(current));
    families.get(current)!.samples.push({
      name: sample[1],
      labels: Object.fromEntries(pairs.map(([, name, value]) => [name, unescape(value)])),
      value,
    });
  }
  return families;
}

const COUNTERS = [
  "helix_jobs_submitted_total",
  "helix_jobs_routed_total",
  "helix_jobs_total",
  "helix_jobs_within_budget_total",
  "helix_jobs_dropped_total",
  "helix_jobs_rejected_total",
  "helix_workers_started_total",
  "helix_workers_crashed_total",
  "helix_workers_recycled_total",
  "helix_listener_errors_total",
  "helix_jobs_double_settled_total",
  "helix_decisions_total",
];
const GAUGES = [
  "helix_prediction_under_bound_ratio",
  "helix_prediction_sharpness_ratio",
  "helix_prediction_under_wait_ratio",
  "helix_decision_regret_seconds",
  "helix_decision_wrongly_refused_ratio",
  "helix_jobs_in_flight",
  "helix_jobs_waiting_for_room",
  "helix_queue_depth",
  "helix_queue_capacity",
  "helix_running",
  "helix_pool_parallelism",
  "helix_pool_open",
  "helix_pool_work_seconds",
  "helix_inline_turn_seconds",
  "helix_workers",
  "helix_workers_lost",
  "helix_event_loop_lag_smoothed_seconds",
  "helix_uptime_seconds",
  "helix_router_info",
];
const HISTOGRAMS = [
  "helix_job_wait_seconds",
  "helix_job_run_seconds",
  "helix_job_latency_seconds",
  "helix_job_prediction_error_seconds",
  "helix_event_loop_lag_seconds",
];

test("GET /metrics tells what router.stats() tells, in Prometheus' words", guarded, async () => {
  await using server = await startServer();
  await makeHistory(server);
  await until(() => server.router.stats().workers.busy === 0);
  const response = await fetch(`${server.url}/metrics`);
  assert.equal(response.status, 200);
  const type = response.headers.get("content-type");
  assert.equal(type, "text/plain; version=0.0.4; charset=utf-8");
  const families = parse(await response.text());
  const stats = server.router.stats();
  const valueOf = (name: string, labels: Record<string, string> = {}) =>
    families.get(name)!.samples.find((sample) =>
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value)
    )?.value;
  const sumOf = (name: string) =>
    families.get(name)!.samples.reduce((sum, { value }) => sum + value, 0);

  for (
    const [names, wanted] of [[COUNTERS, "counter"], [GAUGES, "gauge"], [
      HISTOGRAMS,
      "histogram",
    ]] as const
  ) {
    for (const name of names) assert.equal(families.get(name)?.type, wanted, name);
  }
  assert.equal(families.get("helix_batch_jobs")?.type, "histogram");
  assert.equal(families.size, COUNTERS.length + GAUGES.length + HISTOGRAMS.length + 1);

  assert.equal(valueOf("helix_jobs_submitted_total"), stats.submitted);
  assert.equal(sumOf("helix_jobs_total"), stats.submitted - stats.inFlight);
  for (const { kind, strategy, statuses } of stats.series) {
    assert.equal(
      valueOf("helix_jobs_total", { kind, strategy, status: "completed" }),
      statuses.completed,
    );
    assert.equal(
      valueOf("helix_jobs_total", { kind, strategy, status: "timed_out" }),
      statuses.timedOut,
    );
  }
  assert.equal(valueOf("helix_jobs_total", { kind: 'odd "name" \\ of\na kind' }), 1);
  assert.equal(valueOf("helix_jobs_dropped_total", { reason: "expired" }), 1);
  assert.equal(sumOf("helix_jobs_dropped_total"), stats.dropped);
  const moved = Object.values(stats.moved).reduce((sum, count) => sum + count);
  assert.equal(sumOf("helix_jobs_routed_total"), stats.submitted + moved);
  assert.equal(sumOf("helix_jobs_within_budget_total"), stats.withinBudget);
  assert.equal(valueOf("helix_router_info", { policy: stats.policy }), 1);
  const batches = families.get("helix_batch_jobs")!.samples;
  assert.equal(batches.find(({ name }) => name.endsWith("_sum"))!.value, stats.batchSizes.sum);
  assert.equal(valueOf("helix_jobs_rejected_total", { cause: "unknown_kind" }), 1);
  assert.equal(valueOf("helix_jobs_rejected_total", { cause: "invalid_hints" }), 1);
  assert.equal(valueOf("helix_jobs_in_flight"), 0);
  const lanes = families.get("helix_queue_depth")!.samples.map(({ labels }) => labels.lane);
  assert.deepEqual(lanes, ["spawn", "cpu_pool", "batch"]);
  for (const state of ["starting", "idle", "busy"] as const) {
    assert.equal(valueOf("helix_workers", { state }), stats.workers[state]);
  }
  assert.equal(valueOf("helix_workers_started_total"), stats.workers.started);
  assert.equal(sumOf("helix_workers_crashed_total"), stats.workers.crashed);
  assert.equal(valueOf("helix_workers_lost"), stats.workers.lost);
});

test("GET /metrics has cumulative buckets in seconds", guarded, async () => {
  await using server = await startServer();
  await makeHistory(server);
  const stats = server.router.stats();
  const families = parse(PROMETHEUS.write(toFamilies(stats)));
  for (const name of HISTOGRAMS) {
    const { samples } = families.get(name)!;
    const keyOf = ({ kind, strategy }: Record<string, string>) => `${kind}|${strategy}`;
    for (const key of new Set(samples.map(({ labels }) => keyOf(labels)))) {
      const own = samples.filter(({ labels }) => keyOf(labels) === key);
      const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
      const bounds = buckets.map(({ labels }) => labels.le);
      assert.deepEqual(bounds, [...BUCKET_BOUNDS_MS.map((ms) => `${ms / 1_000}`), "+Inf"]);
      for (const bound of bounds) assert.ok(bound.length <= 8, `${bound} is not a plain figure`);
      for (let i = 1; i < buckets.length; i++) {
        assert.ok(buckets[i].value >= buckets[i - 1].value);
      }
      const count = own.find((sample) => sample.name === `${name}_count`)!.value;
      assert.equal(buckets.at(-1)!.value, count);
      assert.equal(own.length, buckets.length + 2);
    }
  }
  for (const { kind, strategy, runMs } of stats.series) {
    const sum = families.get("helix_job_run_seconds")!.samples.find(({ name, labels }) =>
      name.endsWith("_sum") && labels.kind === kind && labels.strategy === strategy
    );
    assert.equal(sum?.value, runMs.count === 0 ? undefined : runMs.sum / 1_000);
  }
});

test("GET /metrics tells the depth of each queue and the state of each worker", async () => {
  await using server = await startServer();
  const stats = server.router.stats();
  const load = {
    ...stats.load,
    ...{ spawnWaiting: 1, poolWaiting: 2, batchWaiting: 3, spawnRunning: 12, poolRunning: 13 },
    ...{ spawnCapacity: 14, poolCapacity: 15, poolOpen: false, poolWorkMs: 1_600 },
    ...{ inlineTurnMs: 1.7, loopLagMs: 18, waitingForRoom: 19 },
  };
  const crashes = { start: 1, error: 4, out_of_memory: 0, exit: 3 };
  const counts = { starting: 4, idle: 5, busy: 6, started: 7, recycled: 11, lost: 9 };
  const workers = { ...counts, crashed: 8, crashes };
  const families = parse(PROMETHEUS.write(toFamilies({ ...stats, load, workers, inFlight: 10 })));
  const read = (name: string) =>
    families.get(name)!.samples.map(({ labels, value }) => [...Object.values(labels), value]);
  assert.deepEqual(read("helix_queue_depth"), [["spawn", 1], ["cpu_pool", 2], ["batch", 3]]);
  assert.deepEqual(read("helix_workers"), [["starting", 4], ["idle", 5], ["busy", 6]]);
  assert.deepEqual(read("helix_workers_started_total"), [[7]]);
  assert.deepEqual(read("helix_workers_crashed_total"), Object.entries(crashes));
  assert.deepEqual(read("helix_workers_lost"), [[9]]);
  assert.deepEqual(read("helix_workers_recycled_total"), [[11]]);
  assert.deepEqual(read("helix_jobs_in_flight"), [[10]]);
  assert.deepEqual(read("helix_jobs_waiting_for_room"), [[19]]);
  assert.deepEqual(read("helix_running"), [["spawn", 12], ["cpu_pool", 13]]);
  assert.deepEqual(read("helix_queue_capacity"), [["spawn", 14], ["cpu_pool", 15]]);
  assert.deepEqual(read("helix_pool_open"), [[0]]);
  assert.deepEqual(read("helix_pool_work_seconds"), [[1.6]]);
  assert.deepEqual(read("helix_inline_turn_seconds"), [[0.001_7]]);
  assert.deepEqual(read("helix_event_loop_lag_smoothed_seconds"), [[0.018]]);
  const unknown = toFamilies({ ...stats, load: { ...load, poolWorkMs: NaN } });
  assert.doesNotMatch(PROMETHEUS.write(unknown), /NaN/);
});

test("each size of a batch is counted under the bounds that are not below it, and no other", async () => {
  await using server = await startServer();
  const stats = server.router.stats();
  for (const size of [1, 2, 3, 4, 5, 8, 9, 10, 16, 25, 32, 50, 64, 100, 128, 250, 500, 1_000]) {
    const sizes = new Histogram();
    sizes.record(size);
    const families = parse(
      PROMETHEUS.write(toFamilies({ ...stats, batchSizes: sizes.summary() })),
    );
    const { samples } = families.get("helix_batch_jobs")!;
    const buckets = samples.filter(({ name }) => name.endsWith("_bucket"));
    assert.ok(buckets.length > 10);
    for (const { labels, value } of buckets) {
      const bound = labels.le === "+Inf" ? Infinity : Number(labels.le);
      assert.equal(value, size <= bound ? 1 : 0, `${size} in ${labels.le}`);
    }
  }
});
