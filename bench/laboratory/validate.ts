// Runs workloads in virtual time and for real, and prints both side by side:
// `npm run validate -- [--rounds 7] [--duration 10] [--only mix,…] [--loads 0.7,2] [--json FILE]`. A ms of a job
// is one of a core alone; how much slower two busy ones are is measured first, unless --pair-speed says so; what
// a wake-up of the thread that sends the jobs takes of a core is known, unless --wake-ms says so. It waits for other
// processes to be quiet, and a round is run again if they had more than 1 % of the cores: the least disturbed
// ones count.

import { writeFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import { thresholdPolicy } from "../../mod.ts";
import { figuresOf, type RunFigures } from "../../src/simulation/compare/figures.ts";
import { USUAL_KERNEL } from "../../src/simulation/laboratory/costs.ts";
import { runVirtually } from "../../src/simulation/laboratory/virtual_run.ts";
import { runLive } from "../../src/simulation/live/live_run.ts";
import { WORKLOADS } from "../../src/simulation/mod.ts";
import { median } from "../stats.ts";
import { measurePairSpeed, steadyRoundsPerMs } from "./core_speeds.ts";
import { othersAreQuiet, watchOthers } from "./others.ts";
import { paceByThread } from "./pace_by_thread.ts";

const CORES = 2;
const WORKERS = 2;
const SEED = 11;
/** What the thread that sends the jobs takes of a core each time, in ms, as measured (docs/laboratory.md). */
const WAKE_MS = 0.2;
/** Share of the cores that others may have, and how often rounds are run again for it. */
const MOST_OTHERS = 0.01;
const MOST_TRIES = 4;
/** How often it looks whether they are quiet before it runs a round all the same. */
const MOST_LOOKS = 15;
const USUAL = "mix,exp50,uneven,pareto,io,late";

/** What is compared, and how it is found in the figures. */
const FIGURES: Readonly<Record<string, (run: RunFigures) => number>> = {
  "in budget, %": ({ count }) => 100 * count,
  "work, %": ({ work }) => 100 * work,
  "p50, ms": ({ totalMs }) => totalMs.p50,
  "p99, ms": ({ totalMs }) => totalMs.p99,
  "lag p50, ms": ({ lagMs }) => lagMs.p50,
  "lag p99, ms": ({ lagMs }) => lagMs.p99,
};

interface Row {
  readonly workload: string;
  readonly load: number;
  readonly figure: string;
  readonly predicted: number;
  readonly measured: number;
  readonly least: number;
  readonly most: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    duration: { type: "string", default: "10" },
    only: { type: "string", default: USUAL },
    loads: { type: "string", default: "0.7,2" },
    "pair-speed": { type: "string" },
    "wake-ms": { type: "string", default: String(WAKE_MS) },
    json: { type: "string" },
  },
});
const pairSpeed = values["pair-speed"] === undefined
  ? await measurePairSpeed()
  : Number(values["pair-speed"]);
console.log(`A core beside a busy one: ${pairSpeed.toFixed(3)} of its speed alone`);
const rows: Row[] = [];
for (const name of values.only.split(",")) {
  for (const load of values.loads.split(",").map(Number)) await validate(name, load);
}
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(rows, null, 1) + "\n");
process.exit(0);

async function validate(name: string, load: number): Promise<void> {
  const workload = WORKLOADS.find((one) => one.name === name)!;
  const cell = {
    ...{ workload, load, cores: CORES, workers: WORKERS, seed: SEED },
    word: "right",
    durationMs: 1_000 * Number(values.duration),
  } as const;
  const predicted = figuresOf(
    await runVirtually(
      { policy: thresholdPolicy },
      { ...cell, kernel: { ...USUAL_KERNEL, pairSpeed }, wakeMs: Number(values["wake-ms"]) },
    ),
    workload,
    CORES,
  );
  const rounds = Number(values.rounds);
  const all: { readonly others: number; readonly run: RunFigures }[] = [];
  const undisturbed = () => all.filter(({ others }) => others <= MOST_OTHERS).length;
  while (undisturbed() < rounds && all.length < MOST_TRIES * rounds) {
    await othersAreQuiet(MOST_OTHERS, MOST_LOOKS);
    const roundsPerMs = await steadyRoundsPerMs(); // anew, as the speed of the machine varies
    const stopWatching = watchOthers();
    const tally = await runLive(thresholdPolicy, { ...cell, roundsPerMs, pace: paceByThread });
    const others = stopWatching();
    all.push({ others, run: figuresOf({ tally, wallMs: cell.durationMs }, workload, CORES) });
  }
  const kept = all.sort((a, b) => a.others - b.others).slice(0, rounds);
  const runs = kept.map(({ run }) => run);
  const mostOthers = (100 * kept[kept.length - 1].others).toFixed(1);
  console.log(`\n${name}, load ${load}: others had up to ${mostOthers} % (${all.length} tries)`);
  const byKind = workload.kinds.flatMap(({ name }, i) =>
    workload.kinds.length < 2 ? [] : ([
      [`${name} p50, ms`, ({ byKind }: RunFigures) => byKind[i].totalMs.p50],
      [`${name} p99, ms`, ({ byKind }: RunFigures) => byKind[i].totalMs.p99],
    ] as const)
  );
  for (const [figure, of] of [...Object.entries(FIGURES), ...byKind]) {
    const measured = runs.map(of);
    const row: Row = {
      ...{ workload: name, load, figure, predicted: of(predicted), measured: median(measured) },
      least: Math.min(...measured),
      most: Math.max(...measured),
    };
    rows.push(row);
    const ratio = row.predicted / row.measured;
    console.log(
      [
        figure.padEnd(16),
        ...[row.predicted, row.measured].map((value) => value.toPrecision(3).padStart(9)),
        ratio.toFixed(2).padStart(6),
        `  ${row.least.toPrecision(3)} … ${row.most.toPrecision(3)}`,
      ].join(" "),
    );
  }
}
