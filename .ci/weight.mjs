// Small is a feature: the lines of the core (what is checked without runtime types), and what a bundler makes of the main entry point.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { isThere, root, run } from "./steps.mjs";

const maxLines = 4_600;
const maxBytes = 26 * 1024;
const edges = ["http", "simulation", "cli", "otel"];

/** Lines of code and all lines, by whether a file is an adapter to a runtime or core. */
const code = { core: 0, runtime: 0 };
const all = { core: 0, runtime: 0 };
for (const name of await readdir(join(root, "src"), { recursive: true })) {
  const folder = name.split(/[/\\]/)[0];
  if (!name.endsWith(".ts") || edges.includes(folder)) continue;
  const part = folder === "runtime" ? "runtime" : "core";
  const lines = (await readFile(join(root, "src", name), "utf8")).trimEnd().split("\n");
  all[part] += lines.length;
  code[part] += lines.filter((line) => !/^\s*(\/\/|\/\*|\*|$)/.test(line)).length;
}
console.log(
  `core: ${code.core} lines of code, limit ${maxLines} (${all.core} with comments and blank lines)`,
);
console.log(`runtime adapters: ${code.runtime} lines of code (${all.runtime})`);
if (code.core === 0 || code.core > maxLines) process.exitCode = 1;

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
