// A soak: replays a trace again and again and shows that neither heap nor threads grow.
//
//   node --expose-gc dist/bench/soak.js TRACE.csv [minutes] [speed]
//   deno run --allow-read --allow-env --v8-flags=--expose-gc bench/soak.ts TRACE.csv
//   bun bench/soak.ts TRACE.csv

import { readFileSync } from "node:fs";
import process from "node:process";
import { readTrace, simulate, type TraceRequest } from "../src/simulation/mod.ts";
import { runtime } from "./runtime.ts";

const SAMPLE_MS = 10_000;

const [file, minutes = "2", speed = "60"] = process.argv.slice(2);
if (file === undefined) {
  console.error("Usage: soak TRACE.csv [minutes] [speed]");
  process.exit(2);
}
const { requests } = readTrace(readFileSync(file, "utf8"));
const collectGarbage = findCollector();

console.log(`${runtime.name} ${runtime.version}: ${minutes} min at ${speed} times the speed`);
const timer = setInterval(sample, SAMPLE_MS);
sample();
const report = await simulate({ trace: repeated(), speed: Number(speed) });
clearInterval(timer);
sample();
const { submitted, completed, dropped, failed, eventLoopLagMs, wallMs } = report;
console.log(JSON.stringify({ submitted, completed, dropped, failed, eventLoopLagMs, wallMs }));
if (submitted !== completed + dropped || failed > 0) process.exitCode = 1;

/** The trace, end to end, for as long as asked. */
function repeated(): TraceRequest[] {
  const lengthMs = requests.at(-1)!.atMs + 1;
  const totalMs = Number(minutes) * 60_000 * Number(speed);
  const result: TraceRequest[] = [];
  for (let startMs = 0; startMs < totalMs; startMs += lengthMs) {
    for (const request of requests) {
      if (startMs + request.atMs < totalMs) {
        result.push({ ...request, atMs: startMs + request.atMs });
      }
    }
  }
  return result;
}

function sample(): void {
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1).padStart(7);
  const seconds = (performance.now() / 1_000).toFixed(0).padStart(4);
  console.log(
    `${seconds} s  heap ${mebibytes(heapUsed)} MiB  rss ${mebibytes(rss)} MiB  ${threads()}`,
  );
}

/** Threads of this process, where the system tells. */
function threads(): string {
  try {
    return /^Threads:\s*\d+/m.exec(readFileSync("/proc/self/status", "utf8"))?.[0] ?? "";
  } catch {
    return "";
  }
}

function findCollector(): () => void {
  const scope = globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } };
  return scope.gc ?? (() => scope.Bun?.gc(true));
}
