// Counts the way of a job: the calls on the router's thread that leave a file, from `submit()` until the
// call is posted to a worker, and from its result until the job's promise is settled. One job with a
// budget and a number as input, on a warm, idle pool, by each transport; the median of five. The sources
// are rewritten so that every call is seen.
// `npm run way`, with `-- --list` for all calls, `--json` for one JSON object, `--check` to exit with 1
// when a limit is exceeded.
import { rmSync } from "node:fs";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { root } from "./steps.mjs";
import { countBoth, cut, exceeded, summarize } from "./way/count.mjs";
import { printFigures, printTree } from "./way/print.mjs";
import { recordJobs } from "./way/record.mjs";
import { LIMITS } from "./way/rooms.mjs";
import { readSources, scriptOf, writeSources } from "./way/sources.mjs";

/** The ways of some jobs by each transport, shortest first; `folder` takes the rewritten sources. */
async function followJobs(folder) {
  const { exports } = JSON.parse(await readFile(join(root, "deno.json"), "utf8"));
  const workers = (await readdir(join(root, "workers"))).map((name) => `workers/${name}`);
  const sources = await readSources([exports["."], exports["./jobs"], ...workers]);
  const functions = await writeSources(folder, sources);
  const jobs = `import { defineJobs } from "./${scriptOf(exports["./jobs"])}";
export default defineJobs(import.meta.url, { next: { cost: () => 1e6, run: (n) => n + 1 } });
`;
  await writeFile(join(folder, "jobs.js"), jobs);
  const load = (script) => import(pathToFileURL(join(folder, script)).href);
  const { createRouter } = await load(scriptOf(exports["."]));
  const { default: defined } = await load("jobs.js");
  const ways = {};
  for (const transport of ["shared_memory", "messages"]) {
    const records = await recordJobs(createRouter, functions, defined, transport);
    ways[transport] = records.map(cut).sort((a, b) => lengthOf(a) - lengthOf(b));
  }
  return ways;
}

function lengthOf(way) {
  return way.in.length + way.back.length;
}

const { values: asked } = parseArgs({
  options: { list: { type: "boolean" }, json: { type: "boolean" }, check: { type: "boolean" } },
});
const folder = await mkdtemp(join(tmpdir(), "helixrouter-way-"));
// Also when an error that nobody catches ends the process.
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const transports = {};
for (const [name, ways] of Object.entries(await followJobs(folder))) {
  const [way] = ways; // of a job that found nothing due
  const summary = summarize(way);
  const over = exceeded(summary, LIMITS);
  transports[name] = { ...summary, exceeded: over, jobs: ways.map(countBoth) };
  if (asked.json) continue;
  if (asked.list) printTree(name, way);
  printFigures(name, transports[name]);
}
if (asked.json) {
  console.log(JSON.stringify({ node: process.version, limits: LIMITS, transports }, null, 2));
}
const isOver = Object.values(transports).some(({ exceeded }) => exceeded.length > 0);
if (asked.check && isOver) process.exitCode = 1;
