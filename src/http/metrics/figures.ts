import {
  type KindStats,
  type RouterStats,
  runtimeInfo,
  type SeriesStats,
  type Strategy,
} from "../../../mod.ts";
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
 * Converts the statistics of a router to metrics: base units, counters since its creation.
 *
 * @param stats What `router.stats()` returned.
 * @returns All metrics.
 */
export function toFamilies(stats: RouterStats): Family[] {
  return [
    ...jobFamilies(stats),
    ...kindFamilies(stats),
    ...laneFamilies(stats),
    ...routerFamilies(stats),
  ];
}

function jobFamilies(stats: RouterStats): Family[] {
  const { series } = stats;
  const ran = series.filter(({ runMs }) => runMs.count > 0);
  const times = (name: "waitMs" | "runMs" | "latencyMs") =>
    ran.map((one) => [labelsOf(one), one[name]] as const);
  return [
    counter("helix_jobs_submitted", "Jobs submitted.", [[{}, stats.submitted]]),
    counter(
      "helix_jobs_routed",
      "Jobs by the strategy that was carried out; one that moved while it waited counts for each.",
      Object.entries(stats.routed).map(([strategy, count]) => [
        { strategy },
        count + stats.moved[strategy as Strategy],
      ]),
    ),
    counter(
      "helix_jobs",
      "Jobs settled, by kind, strategy and status.",
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
      "Refused submits, by cause.",
      Object.entries(stats.rejected).map(([cause, count]) => [{ cause }, count]),
    ),
    gauge("helix_jobs_in_flight", "Jobs submitted and not yet settled.", [[{}, stats.inFlight]]),
    gauge(
      "helix_jobs_waiting_for_room",
      "Jobs that no lane had room for, and that wait until one has.",
      [[{}, stats.load.waitingForRoom]],
    ),
    timeHistogram(
      "helix_job_wait_seconds",
      "Time not spent running, of jobs that ran: queues, cloning, transport to a worker and back.",
      times("waitMs"),
    ),
    timeHistogram(
      "helix_job_run_seconds",
      "Run time of jobs, measured where they ran.",
      times("runMs"),
    ),
    timeHistogram(
      "helix_job_latency_seconds",
      "Time from submit to outcome, of jobs that ran.",
      times("latencyMs"),
    ),
    timeHistogram(
      "helix_job_prediction_error_seconds",
      "Absolute difference between the run time of a job and its prediction.",
      [[{}, stats.predictionErrorMs]],
    ),
    sizeHistogram("helix_batch_jobs", "Number of jobs per batch run.", [
      [{}, stats.batchSizes],
    ]),
  ];
}

/** How decisions have turned out, by kind; what is not known of a kind is absent. */
function kindFamilies({ kinds }: RouterStats): Family[] {
  const known = (figure: (kind: KindStats) => number): Sample[] =>
    kinds.filter((one) => !Number.isNaN(figure(one))).map((
      one,
    ) => [{ kind: one.kind }, figure(one)]);
  return [
    counter(
      "helix_decisions",
      "Jobs by kind and reason of their decision; of kinds below 1 ms an estimate.",
      kinds.flatMap(({ kind, reasons }) =>
        Object.entries(reasons).map(([reason, count]): Sample => [{ kind, reason }, count])
      ),
    ),
    gauge(
      "helix_prediction_under_bound_ratio",
      "Share of recent runs within the predicted upper bound, which is made for 0.94.",
      known(({ calibration }) => calibration.underBound),
    ),
    gauge(
      "helix_prediction_sharpness_ratio",
      "How many times as long as the run its predicted upper bound was: recent geometric mean.",
      known(({ calibration }) => calibration.sharpness),
    ),
    gauge(
      "helix_prediction_under_wait_ratio",
      "Share of recent jobs that waited no longer than predicted, to 1 ms.",
      known(({ calibration }) => calibration.underWait),
    ),
    timeGauge(
      "helix_decision_regret_seconds",
      "Time that the other place, a worker or the router's thread, is estimated to have saved each recent job.",
      known(({ regret }) => regret.meanMs),
    ),
    gauge(
      "helix_decision_wrongly_refused_ratio",
      "Share of recent probes that were in time, so that refusing them would have been wrong.",
      known(({ regret }) => regret.wronglyRefused),
    ),
  ];
}

function laneFamilies({ load, workers }: RouterStats): Family[] {
  return [
    gauge("helix_queue_depth", "Jobs waiting in a lane.", [
      [{ lane: "spawn" }, load.spawnWaiting],
      [{ lane: "cpu_pool" }, load.poolWaiting],
      [{ lane: "batch" }, load.batchWaiting],
    ]),
    gauge(
      "helix_queue_capacity",
      "Jobs that may wait in a lane; batches share the capacity of the pool.",
      [
        [{ lane: "spawn" }, load.spawnCapacity],
        [{ lane: "cpu_pool" }, load.poolCapacity],
      ],
    ),
    gauge("helix_running", "Jobs running in a lane; for the pool, calls.", [
      [{ lane: "spawn" }, load.spawnRunning],
      [{ lane: "cpu_pool" }, load.poolRunning],
    ]),
    gauge("helix_pool_parallelism", "Maximum number of calls that the pool runs at a time.", [
      [{}, load.cpuParallelism],
    ]),
    gauge("helix_pool_open", "Whether the pool takes jobs: 1 or 0.", [[{}, +load.poolOpen]]),
    timeGauge(
      "helix_pool_work_seconds",
      "Expected run time of all jobs waiting for the pool; absent if unknown.",
      Number.isNaN(load.poolWorkMs) ? [] : [[{}, load.poolWorkMs]],
    ),
    timeGauge(
      "helix_inline_turn_seconds",
      "Time taken by inline runs in this turn of the event loop.",
      [
        [{}, load.inlineTurnMs],
      ],
    ),
    gauge("helix_workers", "Workers, by state.", [
      [{ state: "starting" }, workers.starting],
      [{ state: "idle" }, workers.idle],
      [{ state: "busy" }, workers.busy],
    ]),
    counter("helix_workers_started", "Workers started.", [[{}, workers.started]]),
    counter(
      "helix_workers_crashed",
      "Workers that died unexpectedly, by cause.",
      Object.entries(workers.crashes).map(([cause, count]) => [{ cause }, count]),
    ),
    counter(
      "helix_workers_recycled",
      "Workers replaced after reaching their limit of jobs or of heap.",
      [
        [{}, workers.recycled],
      ],
    ),
    gauge("helix_workers_lost", "Worker threads that could not be stopped.", [[{}, workers.lost]]),
  ];
}

function routerFamilies(stats: RouterStats): Family[] {
  const { name, version } = runtimeInfo();
  return [
    timeHistogram(
      "helix_event_loop_lag_seconds",
      "Event loop lag while jobs were in flight.",
      [[{}, stats.eventLoopLagMs]],
    ),
    timeGauge(
      "helix_event_loop_lag_smoothed_seconds",
      "Event loop lag now, smoothed, as policies see it: rises at once, decays slowly.",
      [[{}, stats.load.loopLagMs]],
    ),
    counter(
      "helix_listener_errors",
      "Errors thrown by listeners, sinks, telemetry and policy hooks.",
      [
        [{}, stats.listenerErrors],
      ],
    ),
    counter("helix_jobs_double_settled", "Jobs settled twice: a bug in the router if not 0.", [
      [{}, stats.doubleSettled],
    ]),
    timeGauge("helix_uptime_seconds", "Time since the router was created.", [[{}, stats.uptimeMs]]),
    info("helix_router", "The policy of the router, and the runtime it runs on.", {
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
