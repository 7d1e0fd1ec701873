// The default policy for real, beside the same one that is told how long each job takes, and clients that wait
// for asynchronous jobs: `npm run live -- [--rounds 5] [--duration 4] [--only mix,…] [--json FILE]`, or with
// `deno run -A` or `bun`, of `dist/bench/laboratory/live.js`. It waits for other processes to be quiet, and a
// round is run again if they had more than 2 % of the cores: the least disturbed ones count.

import { writeFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import { adaptivePolicy, runtimeInfo } from "../../mod.ts";
import { figuresOf, type RunFigures } from "../../src/simulation/compare/figures.ts";
import { type LiveRunOptions, runLive } from "../../src/simulation/live/live_run.ts";
import { type CostWord, WORKLOADS } from "../../src/simulation/mod.ts";
import { ToldModel } from "../../src/simulation/oracle/told_model.ts";
import { median } from "../stats.ts";
import { type Crowd, CROWDS, runCrowd } from "./clients.ts";
import { steadyRoundsPerMs } from "./core_speeds.ts";
import { othersAreQuiet, watchOthers } from "./others.ts";
import { paceByThread } from "./pace_by_thread.ts";

const CORES = 2;
const WORKERS = 2;
const SEED = 11;
/** Share of the cores that others may have, and how often rounds are run again for it. */
const MOST_OTHERS = 0.02;
const MOST_TRIES = 3;
/** How often it looks whether they are quiet before it runs a round all the same. */
const MOST_LOOKS = 5;

/** What is run: a workload, what its costs say, and the load; 0.35 is 70 % of one of two cores. */
const ROWS: readonly (readonly [string, CostWord, number])[] = [
  ["mix", "right", 0.35],
  ["mix", "ms", 0.35],
  ["mix", "none", 0.35],
  ["slower", "none", 0.7],
  ["latch", "none", 2],
  ["io", "none", 0.7],
  ["late", "none", 0.7],
];

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    duration: { type: "string", default: "4" },
    only: { type: "string" },
    json: { type: "string" },
  },
});
const rounds = Number(values.rounds);
const durationMs = 1_000 * Number(values.duration);
const isWanted = (name: string) =>
  values.only === undefined || values.only.split(",").includes(name);
const rows: Record<string, unknown>[] = [];
const { name, version } = runtimeInfo();
console.log(`${name} ${version}, ${rounds} rounds of ${durationMs / 1_000} s, median`);
for (const row of ROWS) if (isWanted(row[0])) await showRow(...row);
for (const crowd of CROWDS) if (isWanted(crowd.name)) await showCrowd(crowd);
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(rows, null, 1) + "\n");
process.exit(0);

/** Runs each by turns, until enough rounds were undisturbed, or for so many tries; gives those to count. */
async function byTurns<R>(runs: Record<string, () => Promise<R>>): Promise<Record<string, R[]>> {
  const all: { readonly others: number; readonly round: Record<string, R> }[] = [];
  const undisturbed = () => all.filter(({ others }) => others <= MOST_OTHERS).length;
  while (undisturbed() < rounds && all.length < MOST_TRIES * rounds) {
    await othersAreQuiet(MOST_OTHERS, MOST_LOOKS);
    const stopWatching = watchOthers();
    const round: Record<string, R> = {};
    for (const [name, run] of Object.entries(runs)) round[name] = await run();
    all.push({ others: stopWatching(), round });
  }
  const kept = all.sort((a, b) => a.others - b.others).slice(0, rounds);
  const most = (100 * kept[kept.length - 1].others).toFixed(1);
  console.log(`  others had up to ${most} % of the cores (${all.length} tries)`);
  return Object.fromEntries(
    Object.keys(runs).map((name) => [name, kept.map(({ round }) => round[name])]),
  );
}

async function showRow(workloadName: string, word: CostWord, load: number): Promise<void> {
  const workload = WORKLOADS.find((one) => one.name === workloadName)!;
  console.log(`\n${workloadName}, ${word}, load ${load}`);
  const run = async (isTold: boolean): Promise<RunFigures> => {
    const cell = { ...{ workload, word, load, cores: CORES, workers: WORKERS }, durationMs };
    const options: LiveRunOptions = {
      ...{ ...cell, seed: SEED, pace: paceByThread },
      roundsPerMs: await steadyRoundsPerMs(), // anew, as the speed of the machine varies
      ...(isTold ? { told: new ToldModel(cell) } : {}),
    };
    const tally = await runLive(adaptivePolicy, options);
    return figuresOf({ tally, wallMs: durationMs }, workload, CORES);
  };
  const runs = await byTurns({ adaptive: () => run(false), told: () => run(true) });
  const figures: Record<string, (run: RunFigures) => number> = {
    "in budget, %": ({ count }) => 100 * count,
    "work, %": ({ work }) => 100 * work,
    "lag p99, ms": ({ lagMs }) => lagMs.p99,
  };
  workload.kinds.forEach(({ name }, i) => {
    figures[`${name} p50, ms`] = ({ byKind }) => byKind[i].totalMs.p50;
    figures[`${name} p99, ms`] = ({ byKind }) => byKind[i].totalMs.p99;
  });
  for (const [figure, of] of Object.entries(figures)) {
    const [ours, told] = ["adaptive", "told"].map((name) => median(runs[name].map(of)));
    rows.push({ workload: workloadName, word, load, figure, ours, told });
    console.log(`  ${figure.padEnd(18)} ${shown(ours)}  told ${shown(told)}`);
  }
}

async function showCrowd(crowd: Crowd): Promise<void> {
  console.log(`\n${crowd.name}: ${crowd.about}`);
  const runs = await byTurns({
    router: () => runCrowd(crowd, durationMs, true),
    unlimited: () => runCrowd(crowd, durationMs, false),
  });
  const [ours, unlimited] = ["router", "unlimited"].map((name) => median(runs[name]));
  rows.push({ workload: crowd.name, figure: "jobs/s", ours, unlimited });
  console.log(`  jobs/s             ${shown(ours)}  without a limit ${shown(unlimited)}`);
}

function shown(value: number): string {
  return value.toPrecision(4).padStart(8);
}
