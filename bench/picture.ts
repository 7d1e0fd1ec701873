// Draws the main comparison: `node dist/bench/picture.js OUT.svg FILE.json…`, a file per runtime as
// `--json` writes it. Text is large as the picture is shrunk to the width of a phone.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import process from "node:process";
import { headOf, readReports, type Report } from "./results.ts";
import { shown } from "./report.ts";

const SUITE = "tiny";
const METRIC = "256 in flight, number";
/** The fastest so many peers are shown, and the most used one in any case. */
const PEERS = 3;
const MOST_USED = "piscina";

const WIDTH = 880;
const PAD = 24;
const LABEL = 262;
const VALUE = 106;
const SCALE = WIDTH - 2 * PAD - LABEL - VALUE;
const ROW = 36;
const BAR = 24;
const HEAD = 128;
const GROUP_HEAD = 52;
const FOOT = 64;

const LABELS: Readonly<Record<string, string>> = {
  raw: "raw postMessage",
  ring: "limit: bare ring",
  "piscina-c32": "piscina, 32 each",
  "tinypool-atomics-c32": "tinypool, 32 each",
};
const NO_PEERS: readonly string[] = ["raw", "raw-batch32", "ring"];

/** The dark colours follow the reader's system, so the ground has to as well. */
const STYLE = `
  text { font: 22px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: #1f2328 }
  .ground { fill: #ffffff }
  .title { font-size: 28px; font-weight: 700 }
  .group { font-size: 24px; font-weight: 700 }
  .small { font-size: 19px; fill: #59636e }
  .ours { font-weight: 700 }
  rect.ours { fill: #0969da }
  rect.peer { fill: #8c959f }
  rect.raw { fill: #bf8700 }
  rect.ring { fill: none; stroke: #59636e; stroke-width: 2; stroke-dasharray: 6 4 }
  line { stroke: #d1d9e0; stroke-width: 2 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .ground { fill: #0d1117 }
    .small { fill: #9198a1 }
    rect.ours { fill: #4493f8 }
    rect.peer { fill: #656c76 }
    rect.raw { fill: #d29922 }
    rect.ring { stroke: #9198a1 }
    line { stroke: #3d444d }
  }`;

interface Bar {
  readonly look: "ours" | "peer" | "raw" | "ring";
  readonly label: string;
  readonly value: number;
}

const [out, ...files] = process.argv.slice(2);
if (out === undefined || files.length === 0) fail("Usage: picture OUT.svg FILE.json…");
const reports = (await readReports(files)).filter((report) => barsOf(report).length > 0);
if (reports.length === 0) fail(`Cannot draw: no file has "${METRIC}" of "${SUITE}"`);
await mkdir(dirname(resolve(out)), { recursive: true });
await writeFile(out, draw(reports));

/** Ours, the peers from the fastest on, the bare line, the limit; whoever gave no figure is left out. */
function barsOf({ results }: Report): readonly Bar[] {
  const values = new Map(
    results.filter(({ suite, metric }) => suite === SUITE && metric === METRIC)
      .map(({ contestant, value }) => [contestant, value]),
  );
  const peers = [...values.keys()]
    .filter((name) => !name.startsWith("helixrouter") && !NO_PEERS.includes(name))
    .sort((a, b) => values.get(b)! - values.get(a)!)
    .filter((name, place) => place < PEERS || name === MOST_USED);
  const bar = (look: Bar["look"], name: string): Bar[] => {
    const value = values.get(name);
    return value === undefined ? [] : [{ look, label: LABELS[name] ?? name, value }];
  };
  return [
    ...bar("ours", "helixrouter"),
    ...peers.flatMap((name) => bar("peer", name)),
    ...bar("raw", "raw"),
    ...bar("ring", "ring"),
  ];
}

/** One scale for all groups, linear from 0: on a logarithmic one lengths would say nothing. */
function draw(reports: readonly Report[]): string {
  const most = Math.max(...reports.flatMap((report) => barsOf(report).map(({ value }) => value)));
  const parts: string[] = [];
  let y = HEAD;
  for (const report of reports) {
    const bars = barsOf(report);
    parts.push(text(PAD, y + 28, titleOf(report), "group"));
    y += GROUP_HEAD;
    for (const [i, bar] of bars.entries()) parts.push(drawBar(bar, y + i * ROW, most));
    const x = PAD + LABEL;
    parts.push(`<line x1="${x}" y1="${y - 6}" x2="${x}" y2="${y + bars.length * ROW - 4}"/>`);
    y += bars.length * ROW + 12;
  }
  const height = y + FOOT;
  const heads = [...new Set(reports.map(headOf))].join(" | ");
  const title = "Tiny jobs to 2 workers and back, jobs per second";
  const about = reports.map((report) =>
    `${titleOf(report)}: ${barsOf(report).map(({ label, value }) => `${label} ${shown(value)}`)}`
  ).join("; ");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" \
height="${height}" role="img" aria-labelledby="title about">
<title id="title">${escaped(title)}</title>
<desc id="about">${escaped(about)}</desc>
<style>${STYLE}
</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="12"/>
${text(PAD, 48, title, "title")}
${text(PAD, 80, "256 in flight, n + 1; linear scale from 0, the same for all", "small")}
${text(PAD, 106, `The fastest ${PEERS} other pools, and ${MOST_USED}; longer is better`, "small")}
${parts.join("\n")}
${text(PAD, y + 32, heads, "small")}
</svg>
`;
}

function drawBar({ look, label, value }: Bar, y: number, most: number): string {
  const x = PAD + LABEL;
  const width = Math.max(1, value / most * SCALE);
  const baseline = y + 19;
  return [
    text(x - 12, baseline, label, look === "ours" ? "ours" : "", "end"),
    `<rect class="${look}" x="${x}" y="${y}" width="${width.toFixed(1)}" height="${BAR}"/>`,
    text(x + width + 10, baseline, shown(value), look === "ours" ? "ours" : ""),
  ].join("\n");
}

function titleOf({ runtime, version }: Report): string {
  return `${runtime[0].toUpperCase()}${runtime.slice(1)} ${version}`;
}

function text(x: number, y: number, content: string, look: string, anchor = "start"): string {
  const attributes = `x="${x.toFixed(1)}" y="${y}" class="${look}" text-anchor="${anchor}"`;
  return `<text ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
