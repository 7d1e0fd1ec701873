/// <reference lib="dom" />
import { byId, make, write } from "./elements.ts";
import { showCount, showMs, showShare, showShort } from "./format.ts";
import { RUNNING } from "./strategy.ts";
import type { Panel, View } from "./view.ts";

/** What a tile says. */
interface Told {
  readonly value: string;
  readonly below: string;
  /** Whether someone should look. */
  readonly alarming?: boolean;
}

type Tile = readonly [title: string, tell: (view: View) => Told];

const LATE_MS = 50;
const MANY_DROPS = 0.01;
const NEARLY_FULL = 0.8;

const TILES: readonly Tile[] = [
  ["Throughput /s", ({ stats, rates }) => {
    const { perSecond, submitted } = recent(stats, rates);
    return { value: showShort(perSecond), below: `of ${showShort(submitted)} submitted` };
  }],
  ["Goodput /s", ({ stats, rates }) => {
    const { good, submitted } = recent(stats, rates);
    return { value: showShort(good), below: `${showShare(good, submitted)} within budget` };
  }],
  ["Dropped /s", ({ stats, rates }) => {
    const { dropped, submitted } = recent(stats, rates);
    return {
      value: showShort(dropped),
      below: `${showShare(dropped, submitted)} of submitted`,
      alarming: (dropped ?? 0) > MANY_DROPS * (submitted ?? Infinity),
    };
  }],
  ["Slowest p99", ({ stats }) => {
    const slowest = RUNNING
      .map(({ strategy, label }) => ({ label, ...stats.windows?.last10s.latencyMs[strategy] }))
      .filter(({ count = 0 }) => count > 0)
      .sort((a, b) => (b.p99 ?? 0) - (a.p99 ?? 0))[0];
    return { value: showMs(slowest?.p99), below: slowest?.label ?? "no job ran" };
  }],
  ["In flight", ({ stats }) => ({
    value: showShort(stats.inFlight),
    below: stats.load.waitingForRoom > 0
      ? `${showShort(stats.load.waitingForRoom)} wait for room`
      : `${showShort(stats.failed)} failed so far`,
  })],
  ["Pool queue", ({ stats: { load } }) => ({
    value: showShort(load.poolWaiting),
    below: `of ${showCount(load.poolCapacity)}, ${showMs(load.poolWorkMs)} of work`,
    alarming: load.poolWaiting >= NEARLY_FULL * load.poolCapacity,
  })],
  ["Loop lag", ({ stats }) => ({
    value: showMs(stats.load.loopLagMs),
    below: `p99 ${showMs(stats.eventLoopLagMs.p99)}`,
    alarming: stats.load.loopLagMs > LATE_MS,
  })],
  ["Workers", ({ stats: { workers, load } }) => ({
    value: `${workers.busy}/${load.cpuParallelism}`,
    below: workers.lost > 0 ? `${workers.lost} lost` : `busy, ${workers.crashed} crashed`,
    alarming: workers.lost > 0 || !load.poolOpen,
  })],
];

/** Rates over the last 10 s where the router tells them, else since the last look. */
function recent({ windows }: View["stats"], rates: View["rates"]) {
  const window = windows?.last10s;
  if (window === undefined || !(window.spanMs > 0)) {
    const { submitted, completed: perSecond, goodput: good, dropped } = rates ?? {};
    return { submitted, perSecond, good, dropped };
  }
  const seconds = window.spanMs / 1_000;
  return {
    submitted: window.submitted / seconds,
    perSecond: window.completed / seconds,
    good: window.withinBudget / seconds,
    dropped: window.dropped / seconds,
  };
}

/** The figures at the top. */
export function createTiles(): Panel {
  const list = make("dl");
  byId("tiles").append(list);
  const tiles = TILES.map(([title, tell]) => {
    const value = make("dd", "value", "–");
    const below = make("dd", "below", "–");
    const tile = make("div", "tile", [make("dt", "", title), value, below]);
    list.append(tile);
    return { tile, value, below, tell };
  });
  return {
    draw(view) {
      for (const { tile, value, below, tell } of tiles) {
        const told = tell(view);
        write(value, told.value);
        write(below, told.below);
        tile.classList.toggle("alarming", told.alarming === true);
      }
    },
  };
}
