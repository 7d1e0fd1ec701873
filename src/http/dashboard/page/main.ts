/// <reference lib="dom" />
import { Client } from "./client.ts";
import { ConfigPanel } from "./config_panel.ts";
import { ConnectionLine } from "./connection_line.ts";
import { CostSample } from "./cost_sample.ts";
import { createCosts } from "./costs_panel.ts";
import { DemoButtons } from "./demo_buttons.ts";
import { createDrops } from "./drops_panel.ts";
import { byId, write } from "./elements.ts";
import { Feed } from "./feed_panel.ts";
import { createFlow } from "./flow_panel.ts";
import { showAge } from "./format.ts";
import { History } from "./history.ts";
import { createKinds } from "./kinds_panel.ts";
import { createLatencies } from "./latencies_panel.ts";
import { Poller } from "./poller.ts";
import { type Rates, ratesBetween } from "./rates.ts";
import { createShadow } from "./shadow_panel.ts";
import type { Stats } from "./stats.ts";
import { startTheme } from "./theme.ts";
import { createTiles } from "./tiles_panel.ts";
import { createTimeCharts, toHistoryRow } from "./time_charts.ts";
import type { Marker, Panel, View } from "./view.ts";
import { createWorkers } from "./workers_panel.ts";

/** A quarter of an hour, which is the longest span on offer. */
const HISTORY_ROWS = 900;
const GAP_S = 3;
const MAX_MARKERS = 40;
/** Polls from one look to the next at what changes without this page's doing. */
const DEMO_PERIOD = 2;
const CONFIG_PERIOD = 5;

const client = new Client();
const sample = new CostSample();
const history = new History(HISTORY_ROWS);
const markers: Marker[] = [];
const span = byId("span", HTMLSelectElement);
const panels: Panel[] = [
  createTiles(),
  createFlow(),
  createDrops(),
  createWorkers(),
  ...createTimeCharts(),
  createLatencies(),
  createCosts(sample),
  createKinds(),
  createShadow(),
];
const feed = new Feed(client, sample);

let last: Stats | undefined;
let rates: Rates | undefined;
let isDue = false;
let polls = 0;

function drawSoon(): void {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    if (last === undefined) return;
    const view: View = { stats: last, rates, history, markers, spanS: Number(span.value) };
    for (const panel of panels) panel.draw(view);
    write(byId("policy"), last.policy);
    write(byId("uptime"), showAge(last.uptimeMs));
  });
}

function mark(label: string): void {
  markers.push({ time: Date.now() / 1_000, label });
  if (markers.length > MAX_MARKERS) markers.shift();
  drawSoon();
}

function take(stats: Stats): void {
  const now = Date.now() / 1_000;
  const previous = history.times.at(-1);
  // While nobody looked nothing was asked for: the lines have a gap there.
  if (previous !== undefined && now - previous > GAP_S) history.push(now - 0.001, {});
  rates = last === undefined ? undefined : ratesBetween(last, stats);
  history.push(now, toHistoryRow(stats, rates));
  last = stats;
  feed.offerKinds(new Set(stats.series.map(({ kind }) => kind)));
  drawSoon();
  if (polls % DEMO_PERIOD === 0) void demo.look();
  if (polls % CONFIG_PERIOD === 0) void config.load();
  polls++;
}

const line = new ConnectionLine(() => poller.now());
const config = new ConfigPanel(client, (names) => mark(names.map(shorten).join(", ")));
const demo = new DemoButtons(client, () => line.askForToken(), mark);
const poller = new Poller(client, { stats: take, connection: (state) => line.show(state) });

byId("token-form").addEventListener("submit", () => {
  const input = byId("token", HTMLInputElement);
  client.useToken(input.value);
  input.value = "";
  byId("token-form").hidden = true;
});
span.addEventListener("change", drawSoon);
startTheme(() => {
  for (const panel of panels) panel.recolour?.();
});
poller.now();

function shorten(path: string): string {
  return path.replace("policy.", "");
}
