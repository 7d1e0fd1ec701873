/// <reference lib="dom" />
import uPlot from "uplot";
import { isPowerOfTen } from "./chart.ts";
import type { CostFigures, CostSample } from "./cost_sample.ts";
import { byId, fillRows } from "./elements.ts";
import { showCount, showMs, showRoundMs, showShort } from "./format.ts";
import type { Summary } from "./stats.ts";
import { lookOf, RUNNING } from "./strategy.ts";
import { colourOf } from "./theme.ts";
import type { Panel, View } from "./view.ts";

/** A kind on a strategy: what its jobs cost, and how long they ran. */
interface Cross {
  readonly cost: CostFigures;
  readonly runMs: Summary;
}

const HEIGHT = 216;

/**
 * Run time against cost. No answer of the server has both for one job, so this shows what can be told:
 * for each kind on each strategy the spread of costs decided, across, and that of run times, upwards.
 */
export function createCosts(sample: CostSample): Panel {
  const area = byId("costs-plot");
  const body = byId("costs-body", HTMLTableSectionElement);
  let crosses: readonly Cross[] = [];
  let plot: uPlot | undefined;

  const start = (): uPlot => {
    const made = new uPlot(
      optionsOf(area.clientWidth, () => crosses),
      [[1, 10], [null, null]],
      area,
    );
    made.root.setAttribute("aria-hidden", "true");
    return made;
  };
  new ResizeObserver(() => plot?.setSize({ width: area.clientWidth, height: HEIGHT })).observe(
    area,
  );
  return {
    draw({ stats }) {
      crosses = crossesOf(stats.series, sample);
      if (crosses.length > 0) {
        plot ??= start();
        plot.setData([[1, 10], [null, null]]);
      }
      byId("costs-empty").hidden = crosses.length > 0;
      fillRows(
        body,
        crosses.map(({ cost, runMs }, i) => [
          String(i + 1),
          cost.kind,
          lookOf(cost.strategy).label,
          showShort(cost.p50),
          showMs(runMs.p50),
          showMs(runMs.p99),
          showCount(runMs.count),
        ]),
      );
    },
    recolour() {
      plot?.destroy();
      plot = undefined;
      if (crosses.length > 0) plot = start();
    },
  };
}

function crossesOf(series: View["stats"]["series"], sample: CostSample): Cross[] {
  return series.flatMap(({ kind, strategy, runMs }) => {
    const cost = sample.figures(kind, strategy);
    const runs = RUNNING.some((one) => one.strategy === strategy) && runMs.count > 0;
    return cost === undefined || !runs ? [] : [{ cost, runMs }];
  });
}

function optionsOf(width: number, crosses: () => readonly Cross[]): uPlot.Options {
  const filter: uPlot.Axis.Filter = (_, ticks) =>
    ticks.map((tick) => isPowerOfTen(tick) ? tick : null);
  const axis = {
    stroke: colourOf("--muted"),
    font: "11px system-ui, sans-serif",
    grid: { stroke: colourOf("--grid"), width: 1, filter },
    filter,
    ticks: { show: false },
  };
  const named = (show: (value: number) => string) => (_: uPlot, ticks: (number | null)[]) =>
    ticks.map((tick) => tick === null ? "" : show(tick));
  return {
    width,
    height: HEIGHT,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: {
        time: false,
        distr: 3,
        range: () => rangeOf(crosses().flatMap(({ cost }) => [cost.p5, cost.p95])),
      },
      y: {
        distr: 3,
        range: () =>
          rangeOf(crosses().flatMap(({ runMs }) => [floor(runMs.p50), floor(runMs.p99)])),
      },
    },
    axes: [
      { ...axis, size: 28, gap: 8, values: named(showShort) },
      { ...axis, size: 52, gap: 6, values: named(showRoundMs) },
    ],
    series: [{}, { show: true, points: { show: false } }],
    hooks: { draw: [(plot) => drawCrosses(plot, crosses(), colourOf("--ink"))] },
  };
}

function drawCrosses(plot: uPlot, crosses: readonly Cross[], ink: string): void {
  const { ctx } = plot;
  const ratio = devicePixelRatio;
  const labels: (readonly [x: number, y: number])[] = [];
  const x = (value: number) => plot.valToPos(value, "x", true);
  const y = (value: number) => plot.valToPos(floor(value), "y", true);
  ctx.save();
  ctx.font = `600 ${11 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "right";
  ctx.fillStyle = ink;
  ctx.lineWidth = 2 * ratio;
  for (const [i, { cost, runMs }] of crosses.entries()) {
    ctx.strokeStyle = colourOf(lookOf(cost.strategy).colour);
    ctx.beginPath();
    ctx.moveTo(x(cost.p5), y(runMs.p50));
    ctx.lineTo(x(cost.p95), y(runMs.p50));
    ctx.moveTo(x(cost.p50), y(runMs.p50));
    ctx.lineTo(x(cost.p50), y(runMs.p99));
    ctx.stroke();
    const label = placeLabel(x(cost.p50), y(runMs.p50), labels, ratio);
    ctx.fillText(String(i + 1), ...label);
  }
  ctx.restore();
}

/** A place beside the middle of a cross where no other number stands; the first if there is none. */
function placeLabel(
  x: number,
  y: number,
  taken: (readonly [x: number, y: number])[],
  ratio: number,
): readonly [x: number, y: number] {
  const places = [[-4, -4], [16, -4], [-4, 12], [16, 12], [-4, -17], [16, -17]]
    .map(([right, down]) => [x + right * ratio, y + down * ratio] as const);
  const isFree = ([x, y]: readonly [x: number, y: number]) =>
    taken.every((one) => Math.abs(one[0] - x) > 13 * ratio || Math.abs(one[1] - y) > 11 * ratio);
  const place = places.find(isFree) ?? places[0];
  taken.push(place);
  return place;
}

/** No clock tells less than a microsecond, and zero has no place on a logarithmic axis. */
function floor(ms: number): number {
  return Math.max(0.001, ms);
}

function rangeOf(values: readonly number[]): [number, number] {
  if (values.length === 0) return [1, 10];
  const low = 10 ** Math.floor(Math.log10(Math.min(...values) * 0.9));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...values) * 1.1));
  return [low, Math.max(high, low * 10)];
}
