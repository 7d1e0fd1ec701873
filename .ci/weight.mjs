// Small is a feature: the lines of the core, and what a bundler makes of the main entry point.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { isThere, root, run } from "./steps.mjs";

const maxLines = 3_000;
const maxBytes = 20 * 1024;
const edges = ["http", "simulation", "cli"];

let lines = 0;
let linesOfCode = 0;
for (const name of await readdir(join(root, "src"), { recursive: true })) {
  if (!name.endsWith(".ts") || edges.includes(name.split(/[/\\]/)[0])) continue;
  const all = (await readFile(join(root, "src", name), "utf8")).trimEnd().split("\n");
  lines += all.length;
  linesOfCode += all.filter((line) => !/^\s*(\/\/|\/\*|\*|$)/.test(line)).length;
}
console.log(
  `core: ${lines} lines, limit ${maxLines} (${linesOfCode} without comments and blank lines)`,
);
if (lines === 0 || lines > maxLines) process.exitCode = 1;

if (await isThere("esbuild")) {
  const { code, stdout, output } = await run("esbuild", [
    "mod.ts",
    "--bundle",
    "--minify",
    "--format=esm",
    "--external:zod",
    "--external:hono",
    "--external:@hono/node-server",
    "--external:node:*",
    "--log-level=warning",
  ], { quiet: true });
  const bytes = gzipSync(stdout, { level: 9 }).length;
  const size = code === 0 ? `${bytes} bytes minified and gzipped without zod` : output;
  console.log(`mod.ts: ${size}, limit ${maxBytes}`);
  if (code !== 0 || bytes > maxBytes) process.exitCode = 1;
} else {
  console.log("mod.ts: size not measured, as esbuild is not installed (npm ci)");
}
