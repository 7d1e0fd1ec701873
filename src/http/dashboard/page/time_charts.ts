/// <reference lib="dom" />
import { createChart } from "./chart.ts";
import { byId } from "./elements.ts";
import { showCount, showMs, showRoundMs, showShort } from "./format.ts";
import type { Point } from "./history.ts";
import type { Rates } from "./rates.ts";
import type { Stats } from "./stats.ts";
import { RUNNING } from "./strategy.ts";
import type { Panel } from "./view.ts";

const PERCENTILES = ["p50", "p95", "p99"] as const;

/** What the charts remember of one snapshot. */
export function toHistoryRow(stats: Stats, rates: Rates | undefined): Record<string, Point> {
  const row: Record<string, Point> = {
    submitted: rates?.submitted ?? null,
    completed: rates?.completed ?? null,
    goodput: rates?.goodput ?? null,
    dropped: rates?.dropped ?? null,
    pool: stats.load.poolWaiting,
    gathering: stats.load.batchWaiting,
    spawn: stats.load.spawnWaiting,
    lag: stats.load.loopLagMs,
  };
  for (const { strategy } of RUNNING) {
    const summary = stats.windows?.last10s.latencyMs[strategy];
    if (summary === undefined || summary.count === 0) continue;
    // Zero has no place on a logarithmic axis, and no clock tells less than a microsecond.
    for (const p of PERCENTILES) row[`${strategy} ${p}`] = Math.max(0.001, summary[p]);
  }
  return row;
}

/** The charts over time. */
export function createTimeCharts(): Panel[] {
  const column = (name: string) => () => name;
  const throughput = createChart({
    id: "throughput",
    show: showShort,
    minTop: 10,
    lines: [
      { column: column("submitted"), label: "submitted", colour: "--muted", dash: [3, 3] },
      { column: column("completed"), label: "completed", colour: "--ink", dash: [] },
      { column: column("goodput"), label: "in budget", colour: "--good", filled: true },
      { column: column("dropped"), label: "dropped", colour: "--dropped" },
    ],
  });
  let percentile: typeof PERCENTILES[number] = "p95";
  const latency = createChart({
    id: "latency",
    show: showMs,
    showTick: showRoundMs,
    minTop: 10,
    logarithmic: true,
    lines: RUNNING.map(({ strategy, label, colour, dash }) => ({
      column: () => `${strategy} ${percentile}`,
      label,
      colour,
      dash,
    })),
  });
  byId("percentile").addEventListener("change", ({ target }) => {
    const { value } = target as HTMLInputElement;
    percentile = PERCENTILES.find((p) => p === value) ?? percentile;
    latency.redraw();
  });
  const queue = createChart({
    id: "queue",
    show: showCount,
    minTop: 8,
    lines: [
      { column: column("pool"), label: "cpu_pool", colour: "--cpu-pool", filled: true },
      { column: column("gathering"), label: "batch", colour: "--batch", dash: [2, 3] },
      { column: column("spawn"), label: "spawn", colour: "--spawn", dash: [6, 3] },
    ],
  });
  const lag = createChart({
    id: "lag",
    show: showMs,
    showTick: showRoundMs,
    minTop: 5,
    lines: [{ column: column("lag"), label: "lag", colour: "--ink", filled: true }],
  });
  return [throughput, latency, queue, lag];
}
