// Small is a feature: what `import "helixrouter"` brings, the worker side included: bytes minified
// and gzipped, modules, time. The last figures are in weight.json; `--update` writes these over them. With
// `--sizes` no time is measured: it has no limit, and is of no use on a busy machine.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { tmpdir } from "node:os";
import process from "node:process";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { forBrowsers, PAGE } from "./browser.mjs";
import { copySource } from "./packed.mjs";
import { isThere, root } from "./steps.mjs";

const MAX_OWN_BYTES = 78_100;
/** What the router's thread loads, and what each of its workers does; what both load counts once. */
const ENTRIES = ["mod.ts", "workers/job_worker.ts"];
/** What the worker of a page bundles. */
const PAGE_WORKER =
  'export { serveJobs } from "./workers/serve.ts"; export { defineJobs } from "./src/define/jobs.ts";';
const MAX_PAGE_BYTES = 66_700;
const MAX_PAGE_WORKER_BYTES = 8_570;
const PROCESSES = 9;

const file = join(root, ".ci", "weight.json");
const last = JSON.parse(await readFile(file, "utf8").catch(() => "{}"));
const isOfSizes = process.argv.includes("--sizes");
const figures = { ...await measureSizes(), ...isOfSizes ? {} : await measureImport() };

print("ours alone", [["ownBytes", "bytes"], ["ownModules", "modules"]], `limit ${MAX_OWN_BYTES}`);
print("with dependencies", [["allBytes", "bytes"], ["allModules", "modules"]]);
print("a page", [["pageBytes", "bytes"]], `limit ${MAX_PAGE_BYTES}`);
print("its worker", [["pageWorkerBytes", "bytes"]], `limit ${MAX_PAGE_WORKER_BYTES}`);
print("import on Node", [["importMs", "ms"]]);
const isTooLarge = figures.ownBytes > MAX_OWN_BYTES || figures.pageBytes > MAX_PAGE_BYTES ||
  figures.pageWorkerBytes > MAX_PAGE_WORKER_BYTES;
if (isTooLarge) process.exitCode = 1;
if (process.argv.includes("--update")) {
  await writeFile(file, JSON.stringify({ ...last, ...figures }, null, 2) + "\n");
}

/** Bytes minified and gzipped, and modules, without and with the packages that are imported. */
async function measureSizes() {
  if (!existsSync(join(root, "node_modules", "esbuild"))) {
    console.log("size: not measured, as esbuild is not installed (npm ci)");
    return {};
  }
  const { build } = createRequire(import.meta.url)("esbuild");
  const sizeOf = async (packages) => {
    const { outputFiles, metafile } = await build({
      absWorkingDir: root,
      entryPoints: ENTRIES,
      outdir: "weight",
      write: false,
      metafile: true,
      bundle: true,
      splitting: true,
      minify: true,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      external: ["node:*"],
      packages,
      logLevel: "warning",
    });
    const sizes = outputFiles.map(({ contents }) => gzipSync(contents, { level: 9 }).length);
    return {
      bytes: sizes.reduce((total, bytes) => total + bytes, 0),
      modules: Object.keys(metafile.inputs).length,
    };
  };
  const sizeOfPage = async (contents) => {
    const { outputFiles: [{ contents: bundle }] } = await build({
      absWorkingDir: root,
      stdin: { contents, resolveDir: root },
      write: false,
      bundle: true,
      minify: true,
      format: "esm",
      platform: "browser",
      plugins: [forBrowsers],
      logLevel: "warning",
    });
    return gzipSync(bundle, { level: 9 }).length;
  };
  const [own, all] = [await sizeOf("external"), await sizeOf("bundle")];
  return {
    ownBytes: own.bytes,
    ownModules: own.modules,
    allBytes: all.bytes,
    allModules: all.modules,
    pageBytes: await sizeOfPage(PAGE),
    pageWorkerBytes: await sizeOfPage(PAGE_WORKER),
  };
}

/** What a Node process that imports the package takes longer than one that does not, in ms. */
async function measureImport() {
  const needed = ["node_modules", join("dist", "mod.js")].every((path) =>
    existsSync(join(root, path))
  );
  if (!needed || !await isThere("node")) {
    console.log("import on Node: not measured, as it needs Node, `npm ci` and `npm run build`");
    return {};
  }
  const folder = await mkdtemp(join(tmpdir(), "helixrouter-weight-"));
  const cwd = await copySource(folder);
  const extraMs = [];
  for (let i = 0; i < PROCESSES; i++) {
    const bareMs = await processMs("", cwd);
    extraMs.push(await processMs('import "helixrouter";', cwd) - bareMs);
  }
  await rm(folder, { recursive: true });
  extraMs.sort((a, b) => a - b);
  return { importMs: Math.round(extraMs[(PROCESSES - 1) / 2] * 10) / 10 };
}

async function processMs(program, cwd) {
  const start = performance.now();
  await promisify(execFile)("node", ["--input-type=module", "--eval", program], { cwd });
  return performance.now() - start;
}

/** A line of what was measured, each figure with its difference from the last one. */
function print(title, parts, note) {
  const shown = parts.filter(([key]) => figures[key] !== undefined).map(([key, unit]) => {
    const change = Math.round((figures[key] - last[key]) * 10) / 10;
    const before = Number.isNaN(change) ? "new" : `${change < 0 ? "" : "+"}${change}`;
    return `${figures[key]} ${unit} (${before})`;
  });
  if (shown.length > 0) {
    console.log([`${title}: ${shown.join(", ")}`, note].filter(Boolean).join("; "));
  }
}
