import { BUCKET_BOUNDS_MS, type Distribution, type RouterStats } from "../../mod.ts";

/** Content type of the Prometheus text format. */
export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

type Labels = Readonly<Record<string, string>>;
type Sample = readonly [Labels, number];
type Series = readonly [Labels, Distribution];

const BOUNDS_S: readonly string[] = BUCKET_BOUNDS_MS.map((ms) => `${ms / 1_000}`);

/**
 * Writes a router's figures in the Prometheus text format, version 0.0.4: seconds, base names,
 * counters since the router was made.
 *
 * @param stats What `router.stats()` gave.
 * @returns The text.
 */
export function toMetricsText(stats: RouterStats): string {
  const { load, workers, series } = stats;
  const ran = series.filter(({ runMs }) => runMs.count > 0);
  return [
    counter("helix_jobs_submitted_total", "Jobs taken.", [[{}, stats.submitted]]),
    counter(
      "helix_jobs_total",
      "Jobs settled, by how they were run and how they ended.",
      series.flatMap(({ kind, strategy, statuses }) =>
        Object.entries(statuses).map(([status, count]): Sample => [
          { kind, strategy, status: toSnakeCase(status) },
          count,
        ])
      ),
    ),
    counter(
      "helix_jobs_dropped_total",
      "Jobs dropped, by reason.",
      Object.entries(stats.dropReasons).map(([reason, count]) => [{ reason }, count]),
    ),
    counter(
      "helix_jobs_rejected_total",
      "Submits that did not become jobs, by cause.",
      Object.entries(stats.rejected).map(([cause, count]) => [{ cause }, count]),
    ),
    gauge("helix_jobs_in_flight", "Jobs taken and not settled.", [[{}, stats.inFlight]]),
    histogram(
      "helix_job_wait_seconds",
      "Time that jobs which ran did not run: queues, copies, the way to a worker and back.",
      ran.map(({ kind, strategy, waitMs }) => [{ kind, strategy }, waitMs]),
    ),
    histogram(
      "helix_job_run_seconds",
      "Time that jobs ran, measured where they ran.",
      ran.map(({ kind, strategy, runMs }) => [{ kind, strategy }, runMs]),
    ),
    gauge("helix_queue_depth", "Jobs that wait in a lane.", [
      [{ lane: "spawn" }, load.spawnWaiting],
      [{ lane: "cpu_pool" }, load.poolWaiting],
      [{ lane: "batch" }, load.batchWaiting],
    ]),
    gauge("helix_workers", "Workers, by what they do.", [
      [{ state: "starting" }, workers.starting],
      [{ state: "idle" }, workers.idle],
      [{ state: "busy" }, workers.busy],
    ]),
    counter("helix_workers_started_total", "Workers started.", [[{}, workers.started]]),
    counter("helix_workers_crashed_total", "Workers that died without being told to.", [
      [{}, workers.crashed],
    ]),
    gauge("helix_workers_lost", "Worker threads that could not be stopped.", [[{}, workers.lost]]),
    histogram(
      "helix_event_loop_lag_seconds",
      "How late the event loop was while jobs were in flight.",
      [[{}, stats.eventLoopLagMs]],
    ),
  ].join("");
}

function counter(name: string, help: string, samples: readonly Sample[]): string {
  return family(name, "counter", help, samples.map((sample) => toLine(name, ...sample)));
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  return family(name, "gauge", help, samples.map((sample) => toLine(name, ...sample)));
}

function histogram(name: string, help: string, series: readonly Series[]): string {
  const lines = series.flatMap(([labels, { buckets, count, sum }]) => [
    ...BOUNDS_S.map((le, i) => toLine(`${name}_bucket`, { ...labels, le }, buckets[i])),
    toLine(`${name}_bucket`, { ...labels, le: "+Inf" }, count),
    toLine(`${name}_sum`, labels, sum / 1_000),
    toLine(`${name}_count`, labels, count),
  ]);
  return family(name, "histogram", help, lines);
}

function family(name: string, type: string, help: string, lines: readonly string[]): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function toLine(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`;
}

function escapeLabel(text: string): string {
  return text.replace(/[\\"\n]/g, (found) => found === "\n" ? "\\n" : `\\${found}`);
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
