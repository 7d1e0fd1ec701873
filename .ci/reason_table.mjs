// Writes the table of reasons of docs/deciding.md from the sources, between its two markers: each reason is a
// constant there, and its comment says what it means. With --check it only says whether that text is what it
// would write. Runs on Node and on Deno.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { toTable } from "./option_table.mjs";
import { root } from "./steps.mjs";

const begin = "<!-- reasons: written by .ci/reason_table.mjs -->";
const end = "<!-- end of reasons -->";

/** Where jobs are decided on, and by whom. */
const FOLDERS = [
  ["src/policy/adaptive", "`adaptivePolicy()`"],
  ["src/policy/threshold.ts", "`thresholdPolicy()`"],
  ["src/policy/here_only.ts", "`adaptivePolicy()`, `thresholdPolicy()`, a lane"],
  ["src/policy/own_reasons.ts", "the router"],
  ["src/decision", "the router"],
  ["src/lanes", "a lane"],
];
const STRATEGIES = ["backpressure_drop", "inline", "spawn", "cpu_pool", "batch"];

const decided = `sharedDecision\\("(\\w+)", "(\\w+)"\\)`;
const written = `Object\\.freeze\\(\\{ strategy: "(\\w+)", reason: "(\\w+)".*\\}\\)`;
const gathered = `gathers\\("(\\w+)"\\)`;
const dropped = `"(\\w+)"`;
const constant = (value, type) =>
  new RegExp(`(?:/\\*\\* (.*)\\.? \\*/\\n)?const \\w+${type} = ${value};`, "g");

/** The reasons of a source, each with what its comment says. */
export function reasonsIn(text) {
  const found = [];
  for (const form of [constant(decided, ""), constant(written, ": Decision")]) {
    for (const [, meaning, strategy, reason] of text.matchAll(form)) {
      found.push({ strategy, reason, meaning });
    }
  }
  for (const [, meaning, reason] of text.matchAll(constant(gathered, ""))) {
    found.push({ strategy: "batch", reason, meaning });
  }
  for (const [, meaning, reason] of text.matchAll(constant(dropped, ": DropReason"))) {
    found.push({ strategy: "backpressure_drop", reason, meaning });
  }
  // Whatever is a reason in another form would be missing in the table.
  const known = new Set(found.map(({ reason }) => reason));
  const loose = text.matchAll(
    /(?:\breason: |\.drop\(|"dropped", |sharedDecision\("\w+", )"(\w+)"/g,
  );
  for (const [, reason] of loose) {
    if (!known.has(reason)) found.push({ strategy: "backpressure_drop", reason, isLoose: true });
  }
  return found;
}

/** All reasons, one of each strategy: `{ strategy, reason, meaning, by }`. */
export async function readReasons() {
  const rows = new Map();
  const loose = [];
  for (const [place, by] of FOLDERS) {
    for (const path of await sourcesIn(place)) {
      for (const one of reasonsIn(await readFile(join(root, path), "utf8"))) {
        const { strategy, reason, meaning, isLoose } = one;
        if (isLoose) {
          loose.push([path, strategy, reason]);
          continue;
        }
        if (meaning === undefined) throw new Error(`${path}: "${reason}" has no comment`);
        const key = `${strategy} ${reason}`;
        const row = rows.get(key) ?? { strategy, reason, meanings: [], by: [] };
        rows.set(key, row);
        if (!row.by.includes(by)) row.by.push(by);
        const sentence = meaning.replace(/\.$/, "");
        if (!row.meanings.includes(sentence)) row.meanings.push(sentence);
      }
    }
  }
  for (const [path, strategy, reason] of loose) {
    if (!rows.has(`${strategy} ${reason}`)) throw new Error(`${path}: "${reason}" is no constant`);
  }
  return [...rows.values()].sort((a, b) =>
    STRATEGIES.indexOf(a.strategy) - STRATEGIES.indexOf(b.strategy) ||
    (a.reason < b.reason ? -1 : 1)
  );
}

async function sourcesIn(place) {
  if (place.endsWith(".ts")) return [place];
  const names = await readdir(join(root, place), { recursive: true });
  return names.map((name) => `${place}/${name.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts")).sort();
}

/** The document with its table of reasons as it should be. */
export function withReasons(text, reasons) {
  const rows = reasons.map(({ strategy, reason, meanings, by }) => [
    `\`${strategy}\``,
    `\`${reason}\``,
    by.join(", "),
    meanings.join("; or: "),
  ]);
  const from = text.indexOf(begin) + begin.length;
  const to = text.indexOf(end);
  if (from < begin.length || to < from) throw new Error(`docs/deciding.md lacks ${begin} … ${end}`);
  const table = toTable([["strategy", "reason", "decided by", "meaning"], ...rows]);
  return `${text.slice(0, from)}\n\n${table}\n${text.slice(to)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = join(root, "docs", "deciding.md");
  const text = await readFile(path, "utf8");
  const wanted = withReasons(text, await readReasons());
  if (!process.argv.includes("--check")) await writeFile(path, wanted);
  else if (text !== wanted) {
    console.error("docs/deciding.md's table of reasons is stale: run .ci/reason_table.mjs");
    process.exitCode = 1;
  }
}
