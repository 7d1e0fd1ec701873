import { type RouterStats, runtimeInfo, type SeriesStats } from "../../../mod.ts";
import {
  counter,
  type Family,
  gauge,
  info,
  type Sample,
  sizeHistogram,
  timeGauge,
  timeHistogram,
} from "./families.ts";

/**
 * The figures of a router as metrics: base units, counters since it was made.
 *
 * @param stats What `router.stats()` gave.
 * @returns All of them.
 */
export function toFamilies(stats: RouterStats): Family[] {
  return [...jobFamilies(stats), ...laneFamilies(stats), ...routerFamilies(stats)];
}

function jobFamilies(stats: RouterStats): Family[] {
  const { series } = stats;
  const ran = series.filter(({ runMs }) => runMs.count > 0);
  const times = (name: "waitMs" | "runMs" | "latencyMs") =>
    ran.map((one) => [labelsOf(one), one[name]] as const);
  return [
    counter("helix_jobs_submitted", "Jobs taken.", [[{}, stats.submitted]]),
    counter(
      "helix_jobs_routed",
      "Jobs taken, by the strategy that was carried out.",
      Object.entries(stats.routed).map(([strategy, count]) => [{ strategy }, count]),
    ),
    counter(
      "helix_jobs",
      "Jobs settled, by how they were run and how they ended.",
      series.flatMap((one) =>
        Object.entries(one.statuses).map(([status, count]): Sample => [
          { ...labelsOf(one), status: toSnakeCase(status) },
          count,
        ])
      ),
    ),
    counter(
      "helix_jobs_within_budget",
      "Jobs completed within their latency budget.",
      series.map((one) => [labelsOf(one), one.withinBudget]),
    ),
    counter(
      "helix_jobs_dropped",
      "Jobs dropped, by reason.",
      series.flatMap((one) =>
        Object.entries(one.dropReasons).map(([reason, count]): Sample => [
          { ...labelsOf(one), reason },
          count,
        ])
      ),
    ),
    counter(
      "helix_jobs_rejected",
      "Submits that did not become jobs, by cause.",
      Object.entries(stats.rejected).map(([cause, count]) => [{ cause }, count]),
    ),
    gauge("helix_jobs_in_flight", "Jobs taken and not settled.", [[{}, stats.inFlight]]),
    timeHistogram(
      "helix_job_wait_seconds",
      "Time that jobs which ran did not run: queues, copies, the way to a worker and back.",
      times("waitMs"),
    ),
    timeHistogram(
      "helix_job_run_seconds",
      "Time that jobs ran, measured where they ran.",
      times("runMs"),
    ),
    timeHistogram(
      "helix_job_latency_seconds",
      "From submit to outcome of jobs that ran.",
      times("latencyMs"),
    ),
    timeHistogram(
      "helix_job_prediction_error_seconds",
      "How far runs were from what their kind's runs before let expect.",
      [[{}, stats.predictionErrorMs]],
    ),
    sizeHistogram("helix_batch_jobs", "Jobs in the batches that were run.", [
      [{}, stats.batchSizes],
    ]),
  ];
}

function laneFamilies({ load, workers }: RouterStats): Family[] {
  return [
    gauge("helix_queue_depth", "Jobs that wait in a lane.", [
      [{ lane: "spawn" }, load.spawnWaiting],
      [{ lane: "cpu_pool" }, load.poolWaiting],
      [{ lane: "batch" }, load.batchWaiting],
    ]),
    gauge("helix_queue_capacity", "Jobs that may wait in a lane; batches share the pool's.", [
      [{ lane: "spawn" }, load.spawnCapacity],
      [{ lane: "cpu_pool" }, load.poolCapacity],
    ]),
    gauge("helix_running", "Jobs that a lane runs, for the pool calls.", [
      [{ lane: "spawn" }, load.spawnRunning],
      [{ lane: "cpu_pool" }, load.poolRunning],
    ]),
    gauge("helix_pool_parallelism", "Calls that the pool runs at most at a time.", [
      [{}, load.cpuParallelism],
    ]),
    gauge("helix_pool_open", "Whether the pool takes jobs: 1 or 0.", [[{}, +load.poolOpen]]),
    timeGauge(
      "helix_pool_work_seconds",
      "Time that the jobs in the pool's queue are expected to run, where it can be told.",
      Number.isNaN(load.poolWorkMs) ? [] : [[{}, load.poolWorkMs]],
    ),
    timeGauge("helix_inline_turn_seconds", "Time that inline runs took in this turn of the loop.", [
      [{}, load.inlineTurnMs],
    ]),
    gauge("helix_workers", "Workers, by what they do.", [
      [{ state: "starting" }, workers.starting],
      [{ state: "idle" }, workers.idle],
      [{ state: "busy" }, workers.busy],
    ]),
    counter("helix_workers_started", "Workers started.", [[{}, workers.started]]),
    counter("helix_workers_crashed", "Workers that died without being told to.", [
      [{}, workers.crashed],
    ]),
    counter("helix_workers_recycled", "Workers replaced for what they had done or held.", [
      [{}, workers.recycled],
    ]),
    gauge("helix_workers_lost", "Worker threads that could not be stopped.", [[{}, workers.lost]]),
  ];
}

function routerFamilies(stats: RouterStats): Family[] {
  const { name, version } = runtimeInfo();
  return [
    timeHistogram(
      "helix_event_loop_lag_seconds",
      "How late the event loop was while jobs were in flight.",
      [[{}, stats.eventLoopLagMs]],
    ),
    timeGauge(
      "helix_event_loop_lag_smoothed_seconds",
      "How late the event loop is now, quick to rise and slow to fall: what policies see.",
      [[{}, stats.load.loopLagMs]],
    ),
    counter("helix_listener_errors", "Listeners, sinks and hooks of the policy that threw.", [
      [{}, stats.listenerErrors],
    ]),
    counter("helix_jobs_double_settled", "Jobs settled twice: a bug of the router if not 0.", [
      [{}, stats.doubleSettled],
    ]),
    timeGauge("helix_uptime_seconds", "Time since the router was made.", [[{}, stats.uptimeMs]]),
    info("helix_router", "The policy, and the runtime it runs on.", {
      policy: stats.policy,
      runtime: name,
      runtime_version: version,
    }),
  ];
}

function labelsOf({ kind, strategy }: SeriesStats): { kind: string; strategy: string } {
  return { kind, strategy };
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
