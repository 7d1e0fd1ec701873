/// <reference lib="dom" />
import { byId, make, swatch, write } from "./elements.ts";
import { flowArrows, trunkWidth } from "./flow_shape.ts";
import { showCount, showMs, showShare, showShort } from "./format.ts";
import type { Stats } from "./stats.ts";
import { LOOKS, type StrategyLook } from "./strategy.ts";
import type { Panel, View } from "./view.ts";

const ROW_HEIGHT = 52;
const SVG = "http://www.w3.org/2000/svg";

interface LaneRow {
  readonly look: StrategyLook;
  readonly rate: HTMLElement;
  readonly share: HTMLElement;
  readonly detail: HTMLElement;
  readonly meter: HTMLMeterElement | undefined;
  readonly arrow: SVGPathElement;
  readonly sparks: SVGPathElement;
}

/** The picture of the lanes: arrows as wide as what flows through them. */
export function createFlow(): Panel {
  const svg = byId("flow-arrows", SVGSVGElement);
  const trunk = byId("flow-trunk", SVGSVGElement);
  const trunkArrow = addPath(trunk, "arrow all");
  const trunkSparks = addPath(trunk, "sparks");
  const rows = LOOKS.map((look) => createRow(look, svg));
  let rates: readonly number[] = rows.map(() => 0);

  const place = (): void => {
    const width = svg.clientWidth;
    const arrows = flowArrows(rates, { width, rowHeight: ROW_HEIGHT });
    for (const [i, { arrow, sparks }] of rows.entries()) {
      setPath(arrow, sparks, arrows[i], rates[i]);
    }
    const sum = rates.reduce((total, rate) => total + rate, 0);
    const middle = ROW_HEIGHT * rows.length / 2;
    const path = `M0 ${middle}H${trunk.clientWidth}`;
    setPath(trunkArrow, trunkSparks, { path, width: trunkWidth(sum) }, sum);
  };
  new ResizeObserver(place).observe(svg);

  return {
    draw(view) {
      rates = rows.map(({ look }) => view.rates?.routed[look.strategy] ?? 0);
      const sum = rates.reduce((total, rate) => total + rate, 0);
      write(byId("flow-submitted"), view.rates === undefined ? "–" : showShort(sum));
      write(byId("flow-policy"), view.stats.policy);
      write(byId("flow-in-flight"), `${showShort(view.stats.inFlight)} in flight`);
      for (const [i, row] of rows.entries()) drawRow(row, view, rates[i], sum);
      place();
    },
  };
}

function createRow(look: StrategyLook, svg: SVGSVGElement): LaneRow {
  const rate = make("b", "lane-rate", "–");
  const share = make("span", "lane-share", "–");
  const detail = make("span", "lane-detail", "–");
  const meter = lineOf(look.strategy, undefined) === undefined ? undefined : make("meter", "", "");
  meter?.setAttribute("aria-label", `${look.label}: waiting`);
  const name = make("span", "lane-name", [swatch(look.colour), make("span", "", look.label)]);
  const state = make("span", "lane-state", meter === undefined ? [detail] : [detail, meter]);
  const row = make("li", "", [name, rate, share, state]);
  row.dataset.colour = look.colour.slice(2);
  byId("lanes").append(row);
  const arrow = addPath(svg, "arrow");
  arrow.dataset.colour = look.colour.slice(2);
  return { look, rate, share, detail, meter, arrow, sparks: addPath(svg, "sparks") };
}

function drawRow(row: LaneRow, view: View, perSecond: number, sum: number): void {
  const { stats, rates } = view;
  write(row.rate, rates === undefined ? "–" : `${showShort(perSecond)}/s`);
  write(row.share, rates === undefined ? "–" : sum === 0 ? "0 %" : showShare(perSecond, sum));
  write(row.detail, tellOf(row.look, view));
  const line = lineOf(row.look.strategy, stats);
  if (row.meter === undefined || line === undefined) return;
  row.meter.max = Math.max(1, line.capacity);
  row.meter.value = line.waiting;
}

/** The line of those who wait for a lane, if it has one. */
function lineOf(strategy: string, stats: Stats | undefined) {
  const load = stats?.load;
  if (strategy === "spawn") {
    return { waiting: load?.spawnWaiting ?? 0, capacity: load?.spawnCapacity ?? 1 };
  }
  if (strategy === "cpu_pool") {
    return { waiting: load?.poolWaiting ?? 0, capacity: load?.poolCapacity ?? 1 };
  }
  return undefined;
}

function tellOf({ strategy }: StrategyLook, { stats, rates }: View): string {
  const { load, batchSizes } = stats;
  switch (strategy) {
    case "inline":
      return `at once, ${showMs(load.inlineTurnMs)} of this turn`;
    case "spawn":
      return `${showCount(load.spawnRunning)} running, ${showCount(load.spawnWaiting)} wait`;
    case "batch": {
      const mean = batchSizes === undefined || batchSizes.count === 0
        ? ""
        : `, ${showShort(batchSizes.mean)} to a batch`;
      return `${showCount(load.batchWaiting)} gathering${mean}`;
    }
    case "cpu_pool":
      return load.poolOpen
        ? `${load.poolRunning} of ${load.cpuParallelism} run, ${showCount(load.poolWaiting)} wait`
        : "closed: its workers are lost";
    default: {
      const [top] = Object.entries(rates?.dropReasons ?? {}).sort((a, b) => b[1] - a[1]);
      return top === undefined || top[1] === 0 ? "none" : `mostly ${top[0]}`;
    }
  }
}

function addPath(svg: SVGSVGElement, className: string): SVGPathElement {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("class", className);
  svg.append(path);
  return path;
}

function setPath(
  arrow: SVGPathElement,
  sparks: SVGPathElement,
  { path, width }: { readonly path: string; readonly width: number },
  perSecond: number,
): void {
  arrow.setAttribute("d", path);
  arrow.style.strokeWidth = `${width === 0 ? 1 : width}px`;
  arrow.classList.toggle("still", width === 0);
  sparks.setAttribute("d", path);
  sparks.classList.toggle("moving", perSecond > 0);
}
