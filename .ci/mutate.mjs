// Mutation testing: changes the sources of a room in small ways, one at a time, and counts how many
// of these mutants its tests kill. On Node, after `npm ci`:
//   npm run mutate -- ROOM [--mutants 100] [--seed 1] [--only FILE] [--json FILE]
// A ROOM is a folder of src/, or "ground" for the files that lie flat in it. Its tests are listed
// in mutate/rooms.mjs, mutants that change no behaviour in tests/mutation/equivalent.json.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { attack } from "./mutate/campaign.mjs";
import { mutantsOf } from "./mutate/operators.mjs";
import { sourcesOf, testsOf } from "./mutate/rooms.mjs";
import { sampleOf, withoutEquivalents } from "./mutate/sample.mjs";
import { root, run } from "./steps.mjs";

/** The share of the mutants that has to be killed. */
const WANTED_SHARE = 0.85;

const { values: options, positionals: [room] } = parseArgs({
  allowPositionals: true,
  options: {
    mutants: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    json: { type: "string" },
  },
});

function refuse(problem) {
  console.error(problem);
  process.exit(2);
}

const count = Number(options.mutants);
if (!Number.isInteger(count) || count < 1) {
  refuse(`--mutants is "${options.mutants}", wanted a whole number from 1 up`);
}
const sources = room === undefined ? [] : sourcesOf(room);
if (sources.length === 0) {
  refuse(`The room is "${room ?? ""}", wanted a folder of src/ with sources, or "ground"`);
}
const { only } = options;
const files = sources.filter((file) => only === undefined || `/${file}`.endsWith(`/${only}`));

const read = (...path) => readFileSync(join(root, ...path), "utf8");
const all = files.flatMap((file) => mutantsOf(file, read(file)));
if (all.length === 0) refuse(`There is nothing to mutate in ${only ?? "it"} of the room "${room}"`);
const equivalents = JSON.parse(read("tests", "mutation", "equivalent.json"))
  .filter(({ file }) => files.includes(file));
const open = withoutEquivalents(all, equivalents);
const sample = sampleOf(open, options.seed, count);

const startedAt = performance.now();
const seconds = () => Math.round((performance.now() - startedAt) / 1000);
const short = (text) => text.length > 120 ? `${text.slice(0, 119)}…` : text;

const { code } = await run("node", [".ci/build.mjs", "--if-changed"]);
if (code !== 0) process.exit(code);
const results = await attack(sample, testsOf(room), {
  ready(tests) {
    console.log(
      `${room}: ${sample.length} of ${open.length} mutants, seed ${options.seed}, ` +
        `${tests} test files pass without a mutant, ${seconds()} s`,
    );
  },
  unsure(file, output) {
    const [failure] = output.match(/not ok .*/) ?? [""];
    console.log(`failed once, then passed: ${file} ${failure}`);
  },
  survived({ file, line, operator, before, after, ...mutant }) {
    const untested = mutant.tests === 0 ? ", which no test runs" : "";
    console.log(
      `survived ${file}:${line} ${operator}: ${short(before)} → ${short(after)} ` +
        `in ${mutant.function}${untested}`,
    );
  },
});

const killed = results.filter(({ ended }) => ended !== "survived").length;
const share = killed / results.length;
const left = equivalents.length;
console.log(
  `${room}: ${killed} of ${results.length} killed (${Math.floor(100 * share)} %), ` +
    `${left} equivalent left out, ${seconds()} s`,
);
if (options.json !== undefined) {
  const report = { room, seed: options.seed, killed, equivalent: left, mutants: results };
  writeFileSync(options.json, JSON.stringify(report, null, 2) + "\n");
}
process.exitCode = share >= WANTED_SHARE ? 0 : 1;
