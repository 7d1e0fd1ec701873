// Makes one file of the many that `import "helixrouter"` loads, and another of what a worker loads: for
// npm, just before the package is packed. On Node 20 the import takes 10 instead of 40 ms (`node
// .ci/weight.mjs`), the first job in a worker 34 instead of 45. The other subpaths stay as they are, and import these files.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, posix } from "node:path";

const WORKER = "workers/job_worker.js";
/** Each a file of its own: a worker starts sooner for each file less. They share no state by modules. */
const ALONE = ["src/define/jobs.js", "workers/serve.js", WORKER];
const OTHERS = [
  "src/http/mod.js",
  "src/otel/mod.js",
  "src/policy/shadow.js",
  "src/simulation/mod.js",
  "src/testing/mod.js",
  "bin/helixrouter.js",
];

/** Bundles the `dist` in that folder, in place. The next build makes its files again. */
export async function bundle(dist) {
  const { build } = createRequire(import.meta.url)("esbuild");
  const buildOf = async (entryPoints, options) => {
    const { metafile } = await build({
      absWorkingDir: dist,
      entryPoints,
      outdir: ".",
      outbase: ".",
      allowOverwrite: true,
      bundle: true,
      chunkNames: "src/chunks/[name]-[hash]",
      format: "esm",
      platform: "neutral",
      target: "es2022",
      packages: "external",
      external: ["node:*"],
      metafile: true,
      sourcemap: true,
      sourcesContent: false, // they are in the package
      logLevel: "warning",
      ...options,
    });
    return metafile;
  };
  const { inputs: melted } = await buildOf(["mod.js", ...ALONE], { write: false });
  const { inputs: others } = await buildOf(OTHERS, { write: false });
  // What the others import must be the same as in mod.js, not a second copy.
  const shared = Object.entries(others)
    .filter(([name]) => melted[name] === undefined)
    .flatMap(([, { imports }]) => imports.map(({ path }) => path))
    .filter((path) => melted[path] !== undefined && !ALONE.includes(path));
  const bundled = [...new Set(["mod.js", ...shared])];
  const { outputs } = await buildOf(bundled, { splitting: true, outdir: "bundled" });
  await buildOf(ALONE, {});
  await Promise.all(
    Object.keys(outputs).map((name) => rename(dist, name, name.replace("bundled/", ""))),
  );
  await rm(join(dist, "bundled"), { recursive: true });
  const kept = [...ALONE, ...bundled];
  const gone = Object.keys(melted).filter((name) => !kept.includes(name));
  await Promise.all(
    gone.flatMap((name) => [name, `${name}.map`]).map((name) => rm(join(dist, name))),
  );
  await rm(join(dist, ".sources"), { force: true });
}

async function rename(dist, from, to) {
  const text = await readFile(join(dist, from), "utf8");
  await mkdir(join(dist, dirname(to)), { recursive: true });
  const moved = to.endsWith(".map") ? withSources(text, from, to) : withUrl(withNames(text), to);
  await writeFile(join(dist, to), moved);
}

/** The sources of a map are relative to it. */
function withSources(text, from, to) {
  const map = JSON.parse(text);
  const move = (name) => posix.relative(posix.dirname(to), posix.join(posix.dirname(from), name));
  return JSON.stringify({ ...map, sources: map.sources.map(move) });
}

/** esbuild gives a class that names itself another name: `var X = class _X`. */
function withNames(text) {
  const classes = [...text.matchAll(/^var (\w+) = class _\1\b/gm)].map(([, name]) => name);
  return classes.reduce(
    (result, name) => result.replaceAll(new RegExp(`\\b_${name}\\b`, "g"), name),
    text,
  );
}

/** The URL of the worker is relative to a file that is another one now. */
function withUrl(text, name) {
  const way = posix.relative(dirname(name), WORKER);
  const url = way.startsWith(".") ? way : `./${way}`;
  return text.replaceAll(
    /new URL\("[^"]*job_worker\.js", import\.meta\.url\)/g,
    `new URL("${url}", import.meta.url)`,
  );
}
