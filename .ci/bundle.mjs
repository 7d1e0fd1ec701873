// Makes npm's package out of the many files that tsc has made, just before it is packed:
// - all that `import "helixrouter"` loads is one file, src/core.js; `createRouter()` loads the rest, src/engine.js,
//   while a worker boots, and what that loads is a third: a program starts sooner for each file less
//   (`npm run bench -- startup`);
// - bundlers have both in one, src/core.whole.js; browsers have such a core and a worker of their own, which leave
//   out what only other runtimes can use; the manifest's "imports" say who gets which;
// - the other subpaths import those files, and share some of their own;
// - the command line is one file, with the packages it needs in it;
// - declarations that no subpath leads to are left out; those that are there have their maps in them, and
//   the sources these lead to beside them;
// - maps of scripts lead to the repository: their sources would be half of the package.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, posix, relative } from "node:path";
import { forBrowsers } from "./browser.mjs";
import { toLineMap } from "./line_map.mjs";
import { fileUrl, manifest } from "./repository.mjs";
import { slim } from "./slim.mjs";
import { root } from "./steps.mjs";

const CORE = "src/core.js";
const BUILDER = "src/create/build_router.js";
const ENGINE = "src/engine.js";
const WHOLE = "src/core.whole.js";
const CORE_OF_PAGES = "src/core.browser.js";
const WORKER = "workers/job_worker.js";
const SERVE = "workers/serve.js";
const SERVE_OF_PAGES = "workers/serve.browser.js";
/** Each a file of its own, with all it needs: they share no state by modules. */
const ALONE = ["src/define/jobs.js", SERVE, WORKER];
/** Job files: workers load them by their URLs, so these stay what they are. */
const JOBS = ["jobs.js", "live/live_jobs.js", "laboratory/lab_jobs.js"]
  .map((name) => `src/simulation/${name}`);
const EDGES = [
  "src/http/mod.js",
  "src/http/with_packages.js",
  "src/otel/mod.js",
  "src/policy/shadow.js",
  "src/simulation/mod.js",
  "src/testing/mod.js",
];
/** Where an import stands that is not bundled, until it is known where from. */
const LEFT = "dist:";
const CLI = "src/cli/main.js";
/** @std/async, which the build has put into a file of ours. */
const STD = "deno-std";
const PROGRAM = "bin/helixrouter.js";
/** The text of the dashboard: most of the facade, which the command line has, too. */
const ASSETS = "src/http/dashboard/assets.js";

/** Bundles the `dist` in that folder, in place. The next build makes its files again. */
export async function bundle(dist) {
  const build = createBuild(dist);
  const inCore = Object.keys((await build(["mod.js"], { isApart: true })).inputs);
  const ofEngine = (await build([BUILDER])).inputs;
  const inEngine = Object.keys(ofEngine).filter((name) => !inCore.includes(name));
  const inner = (await build([...EDGES, ...JOBS])).inputs;
  // What others import must be the same as in these files, not a second copy.
  const byEdges = importsOf(inner, (name) => !inCore.includes(name) && !inEngine.includes(name));
  const byEngine = importsOf(ofEngine, (name) => inEngine.includes(name));
  const fromCore = byEdges.filter((path) => inCore.includes(path) && !ALONE.includes(path));
  const alsoFromCore = byEngine.filter((path) => inCore.includes(path));
  const seams = [...new Set(["mod.js", ...fromCore, ...alsoFromCore])];
  const engineSeams = [
    ...new Set([BUILDER, ...byEdges.filter((path) => inEngine.includes(path))]),
  ];

  const { cores, serve, facade } = await buildCore(build, seams, engineSeams);
  const outside = new Map([
    ...seams.map((name) => [name, CORE]),
    ...engineSeams.map((name) => [name, ENGINE]),
    ...[...ALONE, ...JOBS].map((name) => [name, name]),
  ]);
  const used = (await usedByCli(build)).filter((name) => !outside.has(name));
  const edges = await build([...new Set([...EDGES, ...used, ASSETS])], {
    outside: new Map([...outside, [CLI, CLI]]),
    splitting: true,
    chunkNames: "src/chunks/[name]-[hash]",
    // Its program is the command line, which bundles of the simulation need not have.
    define: { "import.meta.main": "false" },
  });
  const alone = await Promise.all([
    ...ALONE.map((name) => build([name])),
    ...JOBS.map((name) => build([name], { outside })),
  ]);
  const cli = await build([CLI], {
    outside: new Map([...outside, ...[...used, ASSETS].map((name) => [name, name])]),
    packages: "bundle",
    nodePaths: [join(root, "node_modules")],
    minify: true,
    sourcemap: false,
  });
  const made = [...cores, serve, ...alone, edges].flatMap(({ files }) => files);
  const files = new Map([...await slimmed(new Map(made)), ...cli.files, ["mod.js", facade]]);
  files.set(PROGRAM, await readFile(join(dist, PROGRAM), "utf8"));
  files.set("src/cli/LICENSES.txt", await licencesOf(Object.keys(cli.inputs)));
  await replace(dist, files);
}

/** Names by which all subpaths import the core and the engine, which are in one or in two files. */
const INNER = new Map([[CORE, "#core"], [ENGINE, "#engine"]]);

/** The manifest of a package that has been bundled: it says which files are for browsers, and which for bundlers. */
export function withPages({ exports, ...rest }) {
  const { types, ...others } = exports["./worker"];
  const worker = { types, browser: `./dist/${SERVE_OF_PAGES}`, ...others };
  const atOnce = { browser: `./dist/${CORE_OF_PAGES}`, module: `./dist/${WHOLE}` };
  const imports = Object.fromEntries(
    [...INNER].map(([file, name]) => [name, { ...atOnce, default: `./dist/${file}` }]),
  );
  return { ...rest, imports, exports: { ...exports, "./worker": worker } };
}

/** Builds entry points, by name, into files that are not written yet. */
function createBuild(dist) {
  const { build } = createRequire(import.meta.url)("esbuild");
  return async (
    entryPoints,
    { outside = new Map(), isForPages = false, isApart = false, ...options } = {},
  ) => {
    const { metafile, outputFiles } = await build({
      absWorkingDir: dist,
      entryPoints,
      outdir: ".",
      outbase: ".",
      bundle: true,
      write: false,
      format: "esm",
      platform: "neutral",
      mainFields: ["module", "main"],
      conditions: ["import"],
      target: "es2022",
      packages: "external",
      metafile: true,
      sourcemap: true,
      sourcesContent: false,
      logLevel: "warning",
      external: ["node:*"],
      plugins: [
        leave(dist, outside),
        ...isForPages ? [forBrowsers] : [],
        ...isApart ? [withEngineApart] : [],
      ],
      ...options,
    });
    const files = outputFiles.map(({ path, text }) => {
      const name = path.slice(dist.length + 1).replaceAll("\\", "/");
      return [name, name.endsWith(".map") ? text : withPaths(withUrl(withNames(text), name), name)];
    });
    return { ...metafile, files };
  };
}

/** Has the core load the engine when it is needed. */
const withEngineApart = {
  name: "engine apart",
  setup({ onLoad, onResolve }) {
    const contents = `export const loadBuilder = () => import("${LEFT}${ENGINE}");`;
    onLoad({ filter: /[/\\]load_builder\.js$/ }, () => ({ contents }));
    onResolve({ filter: new RegExp(`^${LEFT}`) }, ({ path }) => ({ path, external: true }));
  },
};

/** What these of the files import. */
function importsOf(inputs, isMeant) {
  return Object.entries(inputs)
    .filter(([name]) => isMeant(name))
    .flatMap(([, { imports }]) => imports.map(({ path }) => path));
}

/** What the command line imports of the simulation: that needs no packages, and need not be there twice. */
async function usedByCli(build) {
  const { inputs } = await build([CLI]);
  const paths = importsOf(inputs, (name) => name.startsWith("src/cli/"));
  return [...new Set(paths)].filter((path) => /^src\/(simulation|testing)\//.test(path));
}

/** Leaves imports of these files of `dist`, each for the one that has it: esbuild would not make them relative. */
function leave(dist, places) {
  return {
    name: "leave",
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
        const name = relative(dist, join(resolveDir, path)).replaceAll("\\", "/");
        const place = kind === "entry-point" ? undefined : places.get(name);
        return place && { path: LEFT + place, external: true, sideEffects: false };
      });
    },
  };
}

/** Imports of such files, from this one. */
function withPaths(text, name) {
  return text.replaceAll(
    new RegExp(`"${LEFT}([^"]*)"`, "g"),
    (_, path) => `"${INNER.has(path) && !INNER.has(name) ? INNER.get(path) : pathTo(path, name)}"`,
  );
}

function pathTo(path, from) {
  const way = posix.relative(dirname(from), path);
  return way.startsWith(".") ? way : `./${way}`;
}

/**
 * The core and the engine, each in one file, with all that is imported of their modules; `mod.js` names what is
 * public of that. Bundlers and pages have them in one.
 */
async function buildCore(build, seams, engineSeams) {
  const buildOne = async (names, outfile, options = {}) => {
    const contents = names.map((name) => `export * from "./${name}";`).join("\n");
    const stdin = { contents, resolveDir: ".", sourcefile: "core" };
    const built = await build(undefined, { stdin, outdir: undefined, outfile, ...options });
    const apart = await build(names);
    const there = built.outputs[outfile].exports;
    for (const name of names) {
      const lost = apart.outputs[name].exports.filter((one) => !there.includes(one));
      if (lost.length > 0) throw new Error(`${name}: two modules export ${lost.join(", ")}`);
    }
    return { built, names: apart.outputs["mod.js"]?.exports };
  };
  const core = await buildOne(seams, CORE, { isApart: true });
  const outside = new Map(seams.map((name) => [name, CORE]));
  const engine = await buildOne(engineSeams, ENGINE, { outside });
  const all = [...seams, ...engineSeams];
  const whole = await buildOne(all, WHOLE);
  const pages = await buildOne(all, CORE_OF_PAGES, { isForPages: true });
  const serve = await build([SERVE], {
    isForPages: true,
    outdir: undefined,
    outfile: SERVE_OF_PAGES,
  });
  const facade = `export { ${core.names.join(", ")} } from "${INNER.get(CORE)}";\n`;
  return { cores: [core, engine, whole, pages].map(({ built }) => built), serve, facade };
}

/** esbuild gives a class that names itself another name: `var X = class _X`. It needs none of its own. */
function withNames(text) {
  const named = /^var (\w+) = class _\1\b/gm;
  const names = [...text.matchAll(named)].map(([, name]) => name);
  return names.reduce(
    (result, name) => result.replaceAll(new RegExp(`\\b_${name}\\b`, "g"), name),
    text.replace(named, "var $1 = class"),
  );
}

/** The URL of the worker is relative to a file that is another one now. */
function withUrl(text, name) {
  return text.replaceAll(
    /new URL\("[^"]*job_worker\.js", ?import\.meta\.url\)/g,
    `new URL("${pathTo(WORKER, name)}", import.meta.url)`,
  );
}

/** The licences of the packages that these files are of. */
async function licencesOf(inputs) {
  const names = inputs.flatMap((path) =>
    /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []
  );
  const folder = join(root, "node_modules");
  const texts = [...new Set([...names, STD])].sort().map(async (name) => {
    const { version } = JSON.parse(await readFile(join(folder, name, "package.json"), "utf8"));
    const file = (await readdir(join(folder, name))).find((file) => /^licen[cs]e/i.test(file));
    if (file === undefined && name !== STD) throw new Error(`${name} has no licence`);
    // That one has a line in each of its files only.
    const text = await readFile(join(folder, name, file ?? "async/pool.js"), "utf8");
    return `${name} ${version}\n\n${
      file === undefined ? text.split("\n")[0].slice(3) : text.trim()
    }\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

/** Leaves in `dist` these files, and what the subpaths lead to: declarations, and their sources. */
async function replace(dist, files) {
  const kept = await declarationsOf(dist);
  const packed = /^(mod|(src|workers|bin)\/.*)\.(js|d\.ts|source\.ts)(\.map)?$/;
  for (const name of await readdir(dist, { recursive: true })) {
    const path = name.replaceAll("\\", "/");
    if (packed.test(path) && !kept.has(path)) await rm(join(dist, path));
  }
  for (const [name, text] of [...files, ...kept]) {
    await mkdir(join(dist, dirname(name)), { recursive: true });
    await writeFile(join(dist, name), text, { mode: name === PROGRAM ? 0o755 : 0o644 });
  }
  await rm(join(dist, ".sources"), { force: true });
}

/** The declarations that the subpaths lead to, with their maps in them, and the sources of these. */
async function declarationsOf(dist) {
  const open = Object.values(manifest.exports).flatMap(({ types = [] }) => types)
    .map((path) => path.replace("./dist/", ""));
  const found = new Map();
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    const text = await readFile(join(dist, name), "utf8");
    const map = JSON.parse(await readFile(join(dist, `${name}.map`), "utf8"));
    // Beside `x.d.ts` a file `x.ts` would be taken for it.
    const source = name.replace(/\.d\.ts$/, ".source.ts");
    map.sources = [posix.basename(source)];
    const data = Buffer.from(JSON.stringify(map)).toString("base64");
    const url = `data:application/json;charset=utf-8;base64,${data}`;
    found.set(name, text.replace(/(?<=^\/\/# sourceMappingURL=).*$/m, url));
    found.set(source, await readFile(join(root, name.replace(/\.d\.ts$/, ".ts")), "utf8"));
    const code = text.replace(/\/\*.*?\*\//gs, "");
    for (const [, path] of code.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]*)\.js"/g)) {
      open.push(posix.join(dirname(name), `${path}.d.ts`));
    }
  }
  return found;
}

/** Scripts and their maps, in as few bytes as it takes; one that only names what is elsewhere has no map. */
async function slimmed(files) {
  const lastLine = /\/\/# sourceMappingURL=.*\n$/;
  const all = [...files].filter(([name]) => !name.endsWith(".map")).map(async ([name, text]) => {
    const [line] = lastLine.exec(text);
    const { text: script, map } = await slim(text.replace(line, ""), files.get(`${name}.map`));
    // What the bundle's map does not lead on is of the bundle itself.
    // A bundler makes maps of its own, of what it was given.
    const isMapped = JSON.parse(map).sources.some((path) => path !== "<stdin>") &&
      ![ASSETS, WHOLE].includes(name);
    if (!isMapped) return [[name, script]];
    return [[name, script + line], [`${name}.map`, toRepository(map, name)]];
  });
  return (await Promise.all(all)).flat();
}

/** A map of a script, whose sources are in the repository, at the version's tag. */
function toRepository(text, name) {
  const map = JSON.parse(toLineMap(text));
  const sources = map.sources.map((path) => posix.join("dist", dirname(name), path));
  return JSON.stringify({ ...map, sourceRoot: fileUrl(""), sources });
}
