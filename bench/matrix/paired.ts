// The default policy against the router of 281494b, on the same jobs, cell by cell:
// `npm run matrix:paired -- [--seed 301] [--only slower,…] [--words right,…] [--loads 2,…] [--json FILE]`.
// Of each cell, the ratio of the sums over five seeds, by jobs in budget and by work. A cell with less than
// 0.99 is run with 20 further seeds, and fails if the whole 95 % interval of the ratio is below that, unless
// the old router's own event loop was late by more than two slices.

import { writeFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import {
  compare,
  CONTESTANTS,
  type RunContestant,
  type RunFigures,
} from "../../src/simulation/mod.ts";
import { type Cell, cellsOf, FULL, nameOf } from "./cells.ts";
import { openThreshold01 } from "./threshold_01.ts";

const LEAST = 0.99;
const SEEDS = 5;
const FURTHER = 20;
/** Two-sided 95 % quantile of Student's t with 24 degrees of freedom. */
const T_24 = 2.064;
/** Twice the default of `inlineSliceMs`. */
const MOST_LAG_MS = 16;

interface Pair {
  readonly ours: RunFigures;
  readonly old: RunFigures;
}

/** A ratio of sums, and its 95 % interval. */
interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "301" },
    only: { type: "string" },
    words: { type: "string" },
    loads: { type: "string" },
    json: { type: "string" },
  },
});
const contestants = new Map<string, RunContestant>([
  ["adaptive", CONTESTANTS.adaptive.run],
  ["threshold-0.1", await openThreshold01()],
]);
const seed = Number(values.seed);
const rows: Record<string, unknown>[] = [];
let failed = 0;
for (const cell of cellsOf({ ...FULL, hasWays: false })) if (isWanted(cell)) await judge(cell);
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(rows, null, 2) + "\n");
console.log(`${rows.length} cells, ${failed} worse than the router of 281494b`);
if (failed > 0) process.exitCode = 1;

function isWanted({ workload, costSays, load }: Cell): boolean {
  const has = (list: string | undefined, name: string): boolean =>
    list === undefined || list.split(",").includes(name);
  return has(values.only, workload.name) && has(values.words, costSays) &&
    has(values.loads, String(load));
}

async function judge(cell: Cell): Promise<void> {
  const pairs = await run(cell, seed, SEEDS);
  const first = { count: ratioOf(pairs, "count"), work: ratioOf(pairs, "work") };
  const row: Record<string, unknown> = { cell: nameOf(cell), ...first };
  rows.push(row);
  if (first.count.ratio >= LEAST && first.work.ratio >= LEAST) return;
  pairs.push(...await run(cell, seed + SEEDS, FURTHER));
  const again = { count: ratioOf(pairs, "count"), work: ratioOf(pairs, "work") };
  const isWorse = again.count.high < LEAST || again.work.high < LEAST;
  const oldLagMs = Math.max(...pairs.map(({ old }) => old.lagMs.p99));
  const isExcused = oldLagMs > MOST_LAG_MS;
  Object.assign(row, { again, oldLagMs, isWorse, isExcused });
  if (isWorse && !isExcused) failed++;
  const verdict = isWorse ? isExcused ? "worse, but its loop was late" : "WORSE" : "as good";
  console.log(
    `${nameOf(cell).padEnd(22)} count ${show(again.count)} work ${show(again.work)} ` +
      `old lag p99 ${oldLagMs.toFixed(1)} ms: ${verdict}`,
  );
}

async function run({ workload, costSays, load }: Cell, from: number, repeat: number) {
  const options = { workload, costSays, load, seed: from, repeat, durationMs: FULL.durationMs };
  const [ours, old] = (await compare(contestants, options)).contestants;
  return ours.runs.map((run, i): Pair => ({ ours: run, old: old.runs[i] }));
}

/** A ratio estimator, with the interval of its linearized variance (Cochran, "Sampling Techniques", 6.3). */
function ratioOf(pairs: readonly Pair[], figure: "count" | "work"): Ratio {
  const n = pairs.length;
  const sum = (of: (pair: Pair) => number): number =>
    pairs.reduce((all, pair) => all + of(pair), 0);
  const old = sum((pair) => pair.old[figure]);
  const ratio = sum((pair) => pair.ours[figure]) / old;
  const squares = sum((pair) => (pair.ours[figure] - ratio * pair.old[figure]) ** 2);
  const doubt = T_24 * Math.sqrt(n * squares / (n - 1)) / old;
  return { ratio, low: ratio - doubt, high: ratio + doubt };
}

function show({ ratio, low, high }: Ratio): string {
  return `${ratio.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;
}
