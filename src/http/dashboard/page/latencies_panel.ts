/// <reference lib="dom" />
import { byId, fillRows, make, swatch } from "./elements.ts";
import { showCount, showMs } from "./format.ts";
import type { Stats, Summary } from "./stats.ts";
import { RUNNING } from "./strategy.ts";
import type { Panel, View } from "./view.ts";

/** Latency by strategy, in a table. */
export function createLatencies(): Panel {
  const body = byId("latencies", HTMLTableSectionElement);
  let window = "last10s";
  let last: View | undefined;

  const draw = (view: View): void => {
    last = view;
    const latencies = latenciesOf(view.stats, window);
    fillRows(
      body,
      RUNNING.map(({ strategy, label }) => {
        const summary = latencies?.[strategy];
        const known = summary !== undefined && summary.count > 0 ? summary : undefined;
        const times = [known?.p50, known?.p95, known?.p99, known?.max].map(showMs);
        return [label, showCount(summary?.count), ...times];
      }),
    );
    for (const [i, { label, colour }] of RUNNING.entries()) {
      const [cell] = body.rows[i].cells;
      if (cell.querySelector(".swatch") === null) {
        cell.replaceChildren(swatch(colour), make("span", "", label));
      }
    }
  };
  byId("window").addEventListener("change", ({ target }) => {
    window = (target as HTMLInputElement).value;
    if (last !== undefined) draw(last);
  });
  return { draw };
}

function latenciesOf(stats: Stats, window: string): Readonly<Record<string, Summary>> | undefined {
  if (window === "last10s") return stats.windows?.last10s.latencyMs;
  return window === "last1min" ? stats.windows?.last1min.latencyMs : stats.latencyMs;
}
