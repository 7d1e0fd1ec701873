// All benchmarks, or those named: on Node `npm run bench -- [SUITE…] [--json FILE]`, on Deno
// `deno task bench`, on Bun `bun bench/main.ts`.

import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { runtimeInfo } from "../mod.ts";
import { inlineSuite } from "./inline.ts";
import { kernelsSuite } from "./kernels.ts";
import type { Result, Suite } from "./measure.ts";

const SUITES: readonly Suite[] = [inlineSuite, kernelsSuite];

const { values, positionals } = parseArgs({
  options: { json: { type: "string" } },
  allowPositionals: true,
});
const wanted = positionals.length === 0 ? SUITES.map((suite) => suite.name) : positionals;
for (const name of wanted) {
  if (SUITES.some((suite) => suite.name === name)) continue;
  console.error(
    `Cannot run suite "${name}": there are ${SUITES.map((suite) => suite.name).join(", ")}`,
  );
  process.exit(2);
}

const { name: runtime, version } = runtimeInfo();
const cpu = cpus()[0]?.model ?? "unknown";
console.log(`${runtime} ${version}, ${cpu}`);
const results: Result[] = [];
for (const suite of SUITES.filter((suite) => wanted.includes(suite.name))) {
  console.log(`\n${suite.name}`);
  for (const result of await suite.run()) {
    results.push(result);
    const { contestant, metric, value, unit } = result;
    console.log(`  ${contestant.padEnd(32)}${metric.padEnd(22)}${shown(value)} ${unit}`);
  }
}
if (values.json !== undefined) {
  await writeFile(values.json, JSON.stringify({ runtime, version, cpu, results }, null, 2));
}

function shown(value: number): string {
  return value.toFixed(value < 10 ? 3 : 1).padStart(12);
}
