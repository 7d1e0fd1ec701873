/// <reference lib="dom" />
import uPlot from "uplot";
import { byId, fillRows, make, swatch, write } from "./elements.ts";
import { showClock } from "./format.ts";
import type { History, Point } from "./history.ts";
import { colourOf } from "./theme.ts";
import type { Marker, Panel, View } from "./view.ts";

/** One line of a chart. */
export interface Line {
  /** Column of the history. */
  column(): string;
  readonly label: string;
  /** Name of its colour in the style sheet. */
  readonly colour: string;
  readonly dash?: readonly number[];
  /** Whether the area below it is filled. */
  readonly filled?: boolean;
}

/** What a chart shows. The page has a figure with this id. */
export interface ChartOptions {
  readonly id: string;
  readonly lines: readonly Line[];
  readonly show: (value: Point) => string;
  /** For the axis. @default {show} */
  readonly showTick?: (value: Point) => string;
  /** Steps of a power of ten instead of equal ones. */
  readonly logarithmic?: boolean;
  /** The axis goes up to this at least. */
  readonly minTop: number;
}

const HEIGHT = 168;
const AXIS_WIDTH = 52;
const HALF_A_TIME = 24;
const LEAST_SPAN_S = 60;
const ROWS_IN_TABLE = 30;

/** A chart over time, its legend with the figures of now or of where the pointer is, and its table. */
export function createChart(options: ChartOptions): Panel & { redraw(): void } {
  const { id, lines, show } = options;
  const figure = byId(id);
  const area = figure.querySelector<HTMLElement>(".plot")!;
  const values = addLegend(figure, lines);
  let last: View | undefined;
  let plot: uPlot | undefined;

  const tell = (index: number | null | undefined): void => {
    for (const [i, value] of values.entries()) {
      const at = plot?.data[i + 1];
      write(value, show(at?.[index ?? at.length - 1] ?? null));
    }
  };
  const start = (view: View): uPlot => {
    const made = new uPlot(
      optionsOf(options, area.clientWidth, () => last ?? view, tell),
      dataOf(view.history, lines),
      area,
    );
    made.root.setAttribute("aria-hidden", "true");
    return made;
  };
  const draw = (view: View): void => {
    last = view;
    if (plot === undefined) plot = start(view);
    else plot.setData(dataOf(view.history, lines));
    if (plot.cursor.idx == null) tell(undefined);
  };
  new ResizeObserver(() => plot?.setSize({ width: area.clientWidth, height: HEIGHT })).observe(
    area,
  );
  addTable(figure, options, () => last?.history);
  return {
    draw,
    redraw: () => last && draw(last),
    recolour() {
      plot?.destroy();
      plot = undefined;
      if (last !== undefined) draw(last);
    },
  };
}

function dataOf(history: History, lines: readonly Line[]): uPlot.AlignedData {
  return [
    history.times,
    ...lines.map((line) => history.column(line.column())),
  ] as uPlot.AlignedData;
}

function optionsOf(
  options: ChartOptions,
  width: number,
  view: () => View,
  tell: (index: number | null | undefined) => void,
): uPlot.Options {
  const { lines, show, showTick = show, logarithmic = false, minTop } = options;
  const muted = colourOf("--muted");
  // Of a logarithmic axis only the powers of ten have room for a line and a label.
  const named: uPlot.Axis.Filter = (_, ticks) =>
    ticks.map((tick) => logarithmic && !isPowerOfTen(tick) ? null : tick);
  const grid = { stroke: colourOf("--grid"), width: 1 };
  const axis = { stroke: muted, font: "11px system-ui, sans-serif", ticks: { show: false }, grid };
  return {
    width,
    height: HEIGHT,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, sync: { key: "time" }, drag: { x: false, y: false }, points: { size: 5 } },
    scales: {
      x: { time: true, range: () => rangeOf(view()) },
      y: logarithmic
        ? { distr: 3, range: (_, min, max) => powers(min, max, minTop) }
        : { range: (_, __, max) => [0, Math.max(minTop, (max ?? 0) * 1.12)] },
    },
    axes: [
      { ...axis, space: 70, size: 24, gap: 4, values: nameTimes },
      {
        ...axis,
        space: 30,
        size: AXIS_WIDTH,
        gap: 6,
        grid: { ...grid, filter: named },
        filter: named,
        values: (_, ticks) => ticks.map((tick) => tick === null ? "" : showTick(tick)),
      },
    ],
    series: [
      {},
      ...lines.map((line): uPlot.Series => ({
        label: line.label,
        stroke: colourOf(line.colour),
        width: 1.75,
        dash: [...line.dash ?? []],
        points: { show: false },
        fill: line.filled ? withAlpha(colourOf(line.colour)) : undefined,
      })),
    ],
    hooks: {
      setCursor: [(plot) => tell(plot.cursor.idx)],
      drawAxes: [(plot) => drawMarkers(plot, view().markers, muted)],
    },
  };
}

/** The span, but of a page just opened no more than there is, so that its first lines fill the picture. */
function rangeOf({ history: { times }, spanS }: View): [number, number] {
  const end = times.at(-1) ?? Date.now() / 1_000;
  const seen = Math.max(LEAST_SPAN_S, end - (times[0] ?? end));
  return [end - Math.min(spanS, seen), end];
}

/** Whole powers of ten around what there is. */
function powers(min: number | null, max: number | null, minTop: number): [number, number] {
  const low = 10 ** Math.floor(Math.log10(Math.max(1e-3, min ?? minTop / 100)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(minTop, max ?? minTop) * 1.01));
  return [Math.min(low, high / 100), high];
}

/** Whether a value is 10, 100, 0.1 and so on, as far as sums of fractions can be trusted. */
export function isPowerOfTen(value: number): boolean {
  const log = Math.log10(value);
  return Math.abs(log - Math.round(log)) < 1e-6;
}

/** Times below the axis, but for one that the edge would cut. */
function nameTimes(plot: uPlot, ticks: readonly number[]): string[] {
  const { min = 0, max = 1 } = plot.scales.x;
  const pixelsPerSecond = (plot.width - AXIS_WIDTH) / (max! - min!);
  return ticks.map((tick) => (max! - tick) * pixelsPerSecond < HALF_A_TIME ? "" : toClock(tick));
}

function toClock(seconds: number): string {
  return showClock(new Date(seconds * 1_000));
}

function withAlpha(colour: string): string {
  return colour.replace(/^rgb\((.*)\)$/, "rgba($1, 0.12)");
}

/** Lines where something was done, so that cause and effect can be seen in one picture. */
function drawMarkers(plot: uPlot, markers: readonly Marker[], colour: string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.font = `${10 * devicePixelRatio}px system-ui, sans-serif`;
  for (const { time, label } of markers) {
    const x = Math.round(plot.valToPos(time, "x", true));
    if (!(x >= bbox.left && x <= bbox.left + bbox.width)) continue;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const room = bbox.left + bbox.width - x;
    ctx.textAlign = ctx.measureText(label).width + 8 > room ? "right" : "left";
    ctx.fillText(label, x + (ctx.textAlign === "left" ? 4 : -4), bbox.top + 9 * devicePixelRatio);
  }
  ctx.restore();
}

function addLegend(figure: HTMLElement, lines: readonly Line[]): HTMLElement[] {
  const legend = figure.querySelector(".legend")!;
  return lines.map((line) => {
    const value = make("b", "figure", "–");
    const square = swatch(line.colour);
    if ((line.dash ?? []).length > 0) square.classList.add("dashed");
    legend.append(make("li", "", [square, make("span", "", line.label), value]));
    return value;
  });
}

/** The same in a table, for those who cannot see the picture; it stands still while it is read. */
function addTable(
  figure: HTMLElement,
  { lines, show }: ChartOptions,
  history: () => History | undefined,
): void {
  const details = figure.querySelector("details")!;
  details.addEventListener("toggle", () => {
    const { times, column } = tableOf(history());
    const head = make(
      "tr",
      "",
      ["time", ...lines.map(({ label }) => label)].map((text) => {
        const cell = make("th", "", text);
        cell.scope = "col";
        return cell;
      }),
    );
    const body = make("tbody");
    const columns = lines.map((line) => column(line.column()));
    const rows = times.map((time, i) => [toClock(time), ...columns.map((one) => show(one[i]))]);
    fillRows(body, rows.slice(-ROWS_IN_TABLE).reverse());
    const table = make("table", "", [make("thead", "", [head]), body]);
    details.querySelector(".rows")!.replaceChildren(...(details.open ? [table] : []));
  });
}

function tableOf(history: History | undefined) {
  return {
    times: history?.times ?? [],
    column: (name: string): readonly Point[] => history?.column(name) ?? [],
  };
}
