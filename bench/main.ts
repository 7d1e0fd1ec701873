// All benchmarks, or those named: on Node `npm run bench -- [SUITE…] [options]`, on Deno
// `deno task bench`, on Bun `bun bench/main.ts`. README.md beside this file tells the rest.

import { appendFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import process from "node:process";
import { hashOf } from "./against/commit.ts";
import { compareAll } from "./against/compare_all.ts";
import { readArguments, USAGE } from "./arguments.ts";
import { installPeers } from "./install_peers.ts";
import { Patience } from "./patience.ts";
import { RATIO_LEGEND, toMarkdown, toText } from "./report.ts";
import { headOf, type Host, type Machine, reportOf } from "./results.ts";
import { problemOf, runSuite, type Table } from "./run_suite.ts";
import { runtime } from "./runtime.ts";
import type { Suite } from "./suite.ts";
import { loadSuite } from "./suites/all.ts";

const args = await orExit(() => readArguments(process.argv.slice(2)));
const { against } = args;
const host: Host = {
  runtime: runtime.name,
  version: runtime.version,
  cpu: cpus()[0]?.model ?? "unknown",
  cores: cpus().length,
};
const suites = await Promise.all(args.suites.map(loadSuite));
checkOnly(suites);
if (against === undefined) {
  await measureAll({ ...host, rounds: args.rounds, quick: args.quick });
} else {
  const hash = await orExit(() => hashOf(against));
  if (!await compareAll(suites, { ...args, host, hash, progress })) process.exitCode = 1;
}

async function measureAll(machine: Machine): Promise<void> {
  console.log(`${runtime.name} ${runtime.version}, ${headOf(machine)}`);
  console.log(RATIO_LEGEND);
  const missing = suites.some(needsPeers) ? await installPeers() : new Map<string, string>();
  const patience = new Patience();
  const tables: Table[] = [];
  for (const suite of suites) {
    console.log(`\n== ${suite.name}: ${suite.about}`);
    const measured = await runSuite(suite, { ...args, missing, patience, progress });
    progress("");
    if (measured.some(isOursMissing)) process.exitCode = 1;
    for (const table of measured) {
      console.log(`\n${toText(table)}`);
      const problem = problemOf(table);
      if (problem === undefined) continue;
      console.log(`too much: ${problem}`);
      process.exitCode = 1;
    }
    tables.push(...measured);
  }
  if (args.json !== undefined) {
    await writeFile(args.json, JSON.stringify(reportOf(machine, tables), null, 2) + "\n");
  }
  if (args.markdown !== undefined) {
    const head = `### ${runtime.name} ${runtime.version}\n\n${headOf(machine)}. ${RATIO_LEGEND}.`;
    await appendFile(args.markdown, `\n${[head, ...tables.map(toMarkdown)].join("\n\n")}\n`);
  }
}

/** What a wrong command line makes fail. */
async function orExit<T>(read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    console.error(USAGE);
    process.exit(2);
  }
}

function checkOnly(suites: readonly Suite[]): void {
  const names = new Set(suites.flatMap(({ entries }) => entries.map((entry) => entry.name)));
  const unknown = args.only.find((only) => !names.has(only));
  if (unknown === undefined) return;
  console.error(`Cannot run "${unknown}": there are ${[...names].join(", ")}`);
  process.exit(2);
}

/** A peer may fail, we may not. */
function isOursMissing({ suite, rows }: Table): boolean {
  return rows.some(({ contestant, note }) =>
    note !== "" && (contestant === suite.ours || contestant.startsWith("helixrouter"))
  );
}

function needsPeers(suite: Suite): boolean {
  return suite.entries.some((entry) =>
    entry.package !== undefined && (args.only.length === 0 || args.only.includes(entry.name))
  );
}

/** Shows on a terminal what is being run; an empty text takes it away. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
