// Writes the README's table of options from `optionTable` and the comments of `RouterOptions`, between its
// two markers; with --check it only
// says whether that text is what it would write. Runs on Node (after a build) and on Deno.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { root } from "./steps.mjs";

const begin = "<!-- options: written by .ci/option_table.mjs -->";
const end = "<!-- end of options -->";

const grouped = (number) =>
  number === Infinity ? "`Infinity`" : `${number}`.replace(/\B(?=(\d{3})+$)/g, ",");

/** The numbers of a range in words, such as "1 to 1,000". */
export function boundsOf({ min, max, exclusive, orInfinity }) {
  const isOpen = max === Number.MAX_VALUE;
  const least = exclusive ? `above ${grouped(min)}` : isOpen ? `>= ${grouped(min)}` : grouped(min);
  const most = isOpen ? "" : `${exclusive ? " and at most" : " to"} ${grouped(max)}`;
  return least + most + (orInfinity ? " or `Infinity`" : "");
}

/** What the comments of `RouterOptions` say, by option, each as one line. */
export async function commentsOfOptions() {
  const source = await readFile(join(root, "src/options/options.ts"), "utf8");
  const body = source.split(/^export interface RouterOptions\b.*$/m)[1].split(/^}/m)[0];
  const comments = body.matchAll(/\/\*\*(.*?)\*\/\s+readonly (\w+)/gs);
  return new Map(
    [...comments].map(([, text, name]) => [name, text.replace(/\s+(\* )?\*?\s*/g, " ").trim()]),
  );
}

/** What a comment says after the meaning: the unit and the range of a number. */
export function limitsOf({ range }) {
  const unit = range.integer || range.unit === undefined ? "" : `, in ${range.unit}`;
  return `${unit}, ${boundsOf(range)}`;
}

/** What an option is for: the first sentence of its comment, without what the other columns say. */
function meaningOf(row, comment) {
  const [sentence] = /^.*?\.(?= |$)/.exec(comment);
  return row.range === undefined ? sentence.slice(0, -1) : comment.split(limitsOf(row))[0];
}

function defaultOf({ default: value }, comment) {
  if (value === undefined) return /\bDefault: (.*)\.$/.exec(comment)?.[1] ?? "required";
  return typeof value === "number" ? grouped(value) : `\`${JSON.stringify(value)}\``;
}

function allowedBy({ range, words, wanted }) {
  if (range !== undefined) return boundsOf(range);
  return words === undefined ? wanted : words.map((word) => `\`"${word}"\``).join(", ");
}

/** A table as `deno fmt` lays it out. */
export function toTable([head, ...rows]) {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column].length))
  );
  const line = (cells, fill) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column], fill)).join(" | ")} |\n`;
  const texts = [head, ...rows].map((cells) => line(cells, " "));
  texts.splice(1, 0, line(head.map(() => ""), "-"));
  return texts.join("");
}

/** The README with its table of options as it should be. */
export function withTable(readme, optionTable, comments) {
  const rows = Object.values(optionTable).map((row) => [
    `\`${row.name}\`${row.isTunable ? " \\*" : ""}`,
    defaultOf(row, comments.get(row.name)),
    allowedBy(row),
    meaningOf(row, comments.get(row.name)),
  ]);
  const table = toTable([["option", "default", "allowed", "meaning"], ...rows]);
  const from = readme.indexOf(begin) + begin.length;
  const to = readme.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`README.md lacks ${begin} … ${end}`);
  return `${readme.slice(0, from)}\n\n${table}\n${readme.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = join(root, "README.md");
  const module = join(root, globalThis.Deno === undefined ? "dist/mod.js" : "mod.ts");
  const { optionTable } = await import(pathToFileURL(module).href);
  const readme = await readFile(path, "utf8");
  const wanted = withTable(readme, optionTable, await commentsOfOptions());
  if (!process.argv.includes("--check")) await writeFile(path, wanted);
  else if (readme !== wanted) {
    console.error("README.md's table of options is stale: run .ci/option_table.mjs");
    process.exitCode = 1;
  }
}
