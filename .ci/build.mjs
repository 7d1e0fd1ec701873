// Builds npm's `dist`: tsc keeps the layout (relative worker URLs hold), nothing is bundled but the
// one file that names @std/async; what is packed is bundled after that (bundle.mjs). With --if-changed it
// leaves a `dist` that these very sources made.
import { createHash } from "node:crypto";
import { chmod, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { withScriptUrls } from "./script_urls.mjs";
import { root, run } from "./steps.mjs";

const dist = join(root, "dist");
const stamp = join(dist, ".sources");
const folders = ["src", "workers", "bin", "bench", "tests", "examples"];
const settings = [
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.build.json",
  ".ci/build.mjs",
  ".ci/script_urls.mjs",
];

/** Changes with whatever a build depends on. */
async function hashSources() {
  const hash = createHash("sha256").update(process.version);
  const names = ["mod.ts", ...settings];
  for (const folder of folders) {
    const below = await readdir(join(root, folder), { recursive: true });
    names.push(...below.filter((name) => name.endsWith(".ts")).map((name) => join(folder, name)));
  }
  for (const name of names.sort()) hash.update(name).update(await readFile(join(root, name)));
  return hash.digest("hex");
}

async function must(command, ...args) {
  const { code } = await run(command, args);
  if (code === 127) console.error(`Cannot run ${command}: npm ci installs it`);
  if (code !== 0) process.exit(code);
}

const sources = await hashSources();
if (process.argv.includes("--if-changed")) {
  if (await readFile(stamp, "utf8").catch(() => "") === sources) process.exit(0);
}
await rm(dist, { recursive: true, force: true });
await must("tsc", "-p", "tsconfig.build.json");
await must(
  "esbuild",
  "src/cli/std_async.ts",
  "--bundle",
  "--platform=neutral",
  "--target=es2022",
  "--format=esm",
  "--log-level=warning",
  "--outfile=dist/src/cli/std_async.js",
  "--allow-overwrite",
);

// tsc rewrites ".ts" in the imports of .js files only. URLs need it, too, and so do .d.ts files, for type
// checkers other than tsc (Deno's).
for (const name of await readdir(dist, { recursive: true })) {
  if (!/\.(js|d\.ts)$/.test(name)) continue;
  const text = await readFile(join(dist, name), "utf8");
  if (name.endsWith(".js")) {
    const script = withScriptUrls(text);
    if (script !== text) await writeFile(join(dist, name), script);
    continue;
  }
  const rewritten = text.replace(/((?:from|import)\s*\(?\s*"\.{1,2}\/[^"]*)\.ts"/g, '$1.js"');
  // Or a compiler whose "lib" is older finds no AsyncDisposable.
  const head = text.includes("AsyncDisposable")
    ? '/// <reference lib="esnext.disposable" />\n'
    : "";
  if (head + rewritten !== text) await writeFile(join(dist, name), head + rewritten);
}
await chmod(join(dist, "bin", "helixrouter.js"), 0o755);
await writeFile(stamp, sources);
