// Puts the tables of several runs into a document: `node dist/bench/tables.js README.md FILE.json…`.
// They replace whatever is between the two marks, which also keep the formatter out.

import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { RATIO_LEGEND, toMarkdown } from "./report.ts";
import { headOf, readReports, type Report, tablesOf } from "./results.ts";
import type { Suite } from "./suite.ts";
import { loadSuite, SUITE_NAMES } from "./suites/all.ts";

const BEGIN = "<!-- deno-fmt-ignore-start -->";
const END = "<!-- deno-fmt-ignore-end -->";

const [document, ...files] = process.argv.slice(2);
if (document === undefined || files.length === 0) fail("Usage: tables DOCUMENT FILE.json…");
const text = await readFile(document, "utf8");
const begin = text.indexOf(BEGIN);
const end = text.indexOf(END, begin);
if (begin === -1 || end === -1) fail(`Cannot find "${BEGIN}" and "${END}" in ${document}`);

const suites = await Promise.all(SUITE_NAMES.map(loadSuite));
const sections = (await readReports(files)).map((report) => sectionOf(report, suites));
const generated = [`${RATIO_LEGEND}.`, ...sections].join("\n\n");
await writeFile(
  document,
  `${text.slice(0, begin + BEGIN.length)}\n\n${generated}\n\n${text.slice(end)}`,
);

/** One runtime, folded: all of the tables together are long. */
function sectionOf(report: Report, suites: readonly Suite[]): string {
  const tables = suites.flatMap((suite) => tablesOf(report, suite)).map(toMarkdown);
  const title = `<b>${report.runtime} ${report.version}</b>: ${headOf(report)}`;
  return [`<details><summary>${title}</summary>`, ...tables, "</details>"].join("\n\n");
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
