// A fault campaign: jobs that do what jobs should not do, while others run that must not notice.
//
//   node --expose-gc dist/tests/chaos/main.js [--seed N] [--seconds N] [--transport T]
//   deno run --allow-read --allow-env --allow-sys --v8-flags=--expose-gc tests/chaos/main.ts
//   bun tests/chaos/main.ts
//
// Deno tells of every worker that dies on stderr; the report is on stdout.
import { writeFileSync } from "node:fs";
import process from "node:process";
import { setTimeout } from "node:timers";
import { runtimeInfo } from "../../mod.ts";
import { type Arguments, readArguments, USAGE } from "./arguments.ts";
import { type CampaignResult, runCampaign } from "./campaign.ts";
import type { Findings } from "./findings.ts";
import { isGood, toReport, toText } from "./report.ts";

/** A process that has not ended by itself by then holds on to something. */
const END_MS = 10_000;
const PROGRESS_MS = 30_000;

function readCommandLine(): Arguments {
  try {
    return readArguments(process.argv.slice(2), Date.now() % 1_000_000);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return process.exit(2);
  }
}

function run(args: Arguments): Promise<CampaignResult> {
  const { seed, seconds, runaways, transport } = args;
  let toldMs = performance.now();
  const onRound = ({ rounds, jobs, isClean }: Findings): void => {
    if (performance.now() - toldMs < PROGRESS_MS) return;
    toldMs = performance.now();
    console.error(`${rounds} rounds, ${jobs} jobs, ${isClean ? "clean" : "with problems"}`);
  };
  return runCampaign({ seed, seconds, runaways, transport, onRound });
}

const args = readCommandLine();
if (args.help) {
  console.log(USAGE);
} else {
  const { name, version } = runtimeInfo();
  const how = args.transport === undefined ? "" : `, by ${args.transport}`;
  console.error(`${name} ${version}, seed ${args.seed}, ${args.seconds} s${how}`);
  // Until it has proved well: a process that ends under its jobs must not pass.
  process.exitCode = 1;
  const tellEarlyEnd = (): void => console.error("lost: the process ended before its jobs had");
  process.on("exit", tellEarlyEnd);
  const result = await run(args);
  process.off("exit", tellEarlyEnd);
  const report = toReport(args, result);
  console.log(toText(report));
  if (args.json !== undefined) writeFileSync(args.json, JSON.stringify(report, null, 2) + "\n");
  process.exitCode = isGood(report) ? 0 : 1;
  // A lost thread keeps the process for ever.
  if (report.workers.lost > 0) process.exit();
  setTimeout(() => {
    console.error("hung: the process did not end by itself");
    process.exit(1);
  }, END_MS).unref();
}
