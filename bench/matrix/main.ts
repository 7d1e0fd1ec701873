// The matrix: each shipped workload, with each word for what costs say, at several loads, in virtual
// time: `npm run matrix -- [--quick] [--only adaptive,…] [--floor 0.7] [--json FILE] [--plot FILE.svg]`. A
// contestant's score in a cell is what it does divided by what the oracle does, 1 at most. With --floor it
// fails if the mean of a contestant's scores is less. --store-old stores those of threshold-0.1. Cells of cold
// workers and of clients that wait are printed apart, and are not in the mean, the picture or what is stored.

import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import {
  type CellOptions,
  compare,
  type Compared,
  CONTESTANTS,
  type RunContestant,
  type Score,
} from "../../src/simulation/mod.ts";
import { type HeatCell, plotHeatMap } from "../../src/cli/compare/plot.ts";
import { rootFolder } from "../place.ts";
import { type Cell, cellsOf, type Extent, FULL, nameOf, partsOf, QUICK } from "./cells.ts";
import { openThreshold01 } from "./threshold_01.ts";

/** Figures of a contestant in a cell. */
type CellFigures = Pick<Compared, "count" | "work" | "delay"> & { readonly score: Score };

/** Figures by name of the cell. */
type Cells = Record<string, CellFigures>;

/** Those of each contestant. */
type Matrix = Record<string, Cells>;

const OLD = "threshold-0.1";
/** Virtual runs are the same each time, and that router no longer changes. */
const STORED = new URL("bench/matrix/threshold-0.1.json", rootFolder);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean" },
      only: { type: "string" },
      json: { type: "string" },
      floor: { type: "string" },
      plot: { type: "string" },
      "store-old": { type: "boolean" },
    },
  });
  const extent = values.quick === true ? QUICK : FULL;
  const names = (values.only ?? "adaptive").split(",");
  const startMs = performance.now();
  const matrix = await runMatrix(names, extent);
  if (values["store-old"] === true) {
    await writeFile(STORED, format({ [OLD]: cellsOfWay(matrix[OLD], "") }));
  } else if (extent === FULL && !names.includes(OLD)) {
    Object.assign(matrix, JSON.parse(await readFile(STORED, "utf8")));
  }
  if (values.json !== undefined) await writeFile(values.json, format(matrix));
  const judged = Object.keys(matrix).filter((name) => name !== "oracle");
  for (const name of judged) {
    for (const way of ["", "cold", "closed"]) print(name, way, cellsOfWay(matrix[name], way));
  }
  if (values.plot !== undefined) await plot(values.plot, matrix, judged);
  for (const name of names) {
    const mean = meanOf(cellsOfWay(matrix[name], ""));
    const of = "of the oracle's jobs in budget, mean of";
    const count = Object.keys(cellsOfWay(matrix[name], "")).length;
    console.log(`\n${name}: ${mean.toFixed(3)} ${of} ${count} cells`);
    for (const way of ["cold", "closed"]) {
      const cells = cellsOfWay(matrix[name], way);
      const count = Object.keys(cells).length;
      if (count > 0) {
        console.log(`${name}: ${meanOf(cells).toFixed(3)} ${of} ${count} ${way} cells`);
      }
    }
    if (mean >= Number(values.floor ?? 0)) continue;
    console.log(`${name} is below the floor of ${values.floor}`);
    process.exitCode = 1;
  }
  console.log(`${Math.round((performance.now() - startMs) / 1_000)} s`);
}

async function runMatrix(names: readonly string[], extent: Extent): Promise<Matrix> {
  const contestants = new Map<string, RunContestant>();
  for (const name of ["oracle", ...names]) {
    contestants.set(name, name === OLD ? await openThreshold01() : CONTESTANTS[name].run);
  }
  const matrix: Matrix = {};
  for (const cell of cellsOf(extent)) {
    const { contestants: compared } = await compare(contestants, optionsOf(cell, extent));
    for (const { name, count, work, delay, score } of compared) {
      (matrix[name] ??= {})[nameOf(cell)] = { count, work, delay, score: score! };
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${nameOf(cell)}\x1b[K`);
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return matrix;
}

function optionsOf(cell: Cell, { repeat, durationMs }: Extent): CellOptions {
  const { workload, costSays, load, isWarm = true } = cell;
  return { workload, costSays, load, isWarm, repeat, durationMs: cell.durationMs ?? durationMs };
}

/** The usual cells, or those of a way that is judged apart. */
function cellsOfWay(cells: Cells, way: string): Cells {
  return Object.fromEntries(Object.entries(cells).filter(([name]) => partsOf(name).way === way));
}

/** The mean score in jobs in budget. */
function meanOf(cells: Cells): number {
  const scores = Object.values(cells).map(({ score }) => score.count);
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** Draws the least score of all loads in jobs in budget. */
async function plot(path: string, matrix: Matrix, names: readonly string[]): Promise<void> {
  const values = names.flatMap((contestant) => {
    const least = new Map<string, HeatCell>();
    for (const [cell, { score }] of Object.entries(cellsOfWay(matrix[contestant], ""))) {
      const { workload, costSays } = partsOf(cell);
      const key = `${workload} ${costSays}`;
      const worst = Math.min(score.count, least.get(key)?.score ?? 1);
      least.set(key, { contestant, workload, costSays, score: worst });
    }
    return [...least.values()];
  });
  await plotHeatMap(path, "Jobs in budget by the oracle's, the least of all loads", values);
}

/** Prints how a contestant does, by workload and word: the least score of all loads. */
function print(name: string, way: string, cells: Cells): void {
  const parts = Object.keys(cells).map(partsOf);
  if (parts.length === 0) return;
  const words = [...new Set(parts.map(({ costSays }) => costSays))];
  const workloads = [...new Set(parts.map(({ workload }) => workload))];
  const label = way === "" ? name : `${name}, ${way}`;
  for (const figure of ["count", "work", "delay"] as const) {
    console.log(`\n${label}: ${figure} by the oracle's, the least of all loads`);
    console.log(["".padEnd(8), ...words.map((word) => word.padStart(8))].join(" "));
    for (const workload of workloads) {
      const row = words.map((word) => {
        const scores = Object.entries(cells).filter(([cell]) => {
          const { workload: ofWorkload, costSays } = partsOf(cell);
          return ofWorkload === workload && costSays === word;
        }).map(([, { score }]) => score[figure]);
        return Math.min(...scores).toFixed(2).padStart(8);
      });
      console.log([workload.padEnd(8), ...row].join(" "));
    }
  }
}

/** One cell a line, so that a change is readable. */
function format(matrix: Matrix): string {
  const lines = Object.entries(matrix).map(([name, cells]) => {
    const rows = Object.entries(cells).map(([cell, figures]) =>
      `    ${JSON.stringify(cell)}: ${JSON.stringify(figures)}`
    );
    return `  ${JSON.stringify(name)}: {\n${rows.join(",\n")}\n  }`;
  });
  return `{\n${lines.join(",\n")}\n}\n`;
}

await main();
