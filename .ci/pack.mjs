// Packs the package, installs it into an empty folder, and uses it there as a stranger would: on each
// runtime one job through every lane, every subpath imported, the program run, the types checked. Tries
// what would be published to JSR, too.
import { existsSync } from "node:fs";
import { spawn } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { SourceMap } from "node:module";
import { join, posix } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { installTools } from "./install_tools.mjs";
import { pack } from "./packed.mjs";
import { fileUrl, manifest } from "./repository.mjs";
import { createTally, isThere, root, run, start } from "./steps.mjs";

const jobs = `import { defineJobs } from "helixrouter/jobs";

const kind = (cost: number, scaling: number) => ({
  cost,
  scaling,
  run: (input: number) => ({ sum: input + 1, here: "isMain" in globalThis }),
});

export default defineJobs(import.meta.url, {
  tiny: kind(100, 0.1),
  small: kind(20_000, 0.5),
  big: kind(200_000, 0.5),
  many: {
    cost: 200_000,
    scaling: 0.9,
    run: (input: number) => ({ sum: input + 1, here: "isMain" in globalThis }),
    runBatch: (inputs: readonly number[]) =>
      inputs.map((input) => ({ sum: input + 1, here: "isMain" in globalThis })),
  },
});
`;

const app = `import * as helixrouter from "helixrouter";
import { createRouter, thresholdPolicy } from "helixrouter";
import jobs from "./jobs.ts";

for (const [name, value] of Object.entries(helixrouter)) {
  if (typeof value === "function" && value.name !== name) throw new Error(name + ": " + value.name);
}

Object.assign(globalThis, { isMain: true });
const parts = ["jobs", "worker", "http", "simulation", "testing", "otel"];
const names = parts.map((part) => "helixrouter/" + part);
for (const name of names) await import(name);

const router = await createRouter({ jobs, policy: thresholdPolicy() });
const lanes: Record<string, unknown> = {};
for (const kind of ["tiny", "small", "big", "many"] as const) {
  const outcome = await router.submit(kind, 41);
  if (outcome.status !== "completed") throw new Error(kind + " was dropped: " + outcome.reason);
  const sum: number = outcome.output.sum;
  lanes[kind] = outcome.strategy + " " + sum + (outcome.output.here ? " here" : " elsewhere");
}
await router.close();
const globals = globalThis as { Deno?: unknown; Bun?: unknown };
const runtime = globals.Deno ? "deno" : globals.Bun ? "bun" : "node";
console.log(JSON.stringify({ runtime, ...lanes }));

export async function refused(): Promise<void> {
  // @ts-expect-error: there is no such kind
  await router.submit("nope", 1);
  // @ts-expect-error: the input is a number
  await router.submit("tiny", "1");
}
`;

/** Names the packages of helixrouter/http in the error of a program that has none of them. */
const http = `await import("helixrouter/http").then(
  () => console.log("it is there"),
  (error) => console.log(error.message),
);
`;

const expectedLanes = {
  tiny: "inline 42 here",
  small: "spawn 42 here",
  big: "cpu_pool 42 elsewhere",
  many: "batch 42 elsewhere",
};

const tsconfig = {
  compilerOptions: {
    target: "es2022",
    lib: ["es2023", "dom", "dom.iterable", "esnext.disposable"],
    module: "nodenext",
    strict: true,
    rewriteRelativeImportExtensions: true,
    types: [],
    outDir: "out",
  },
  include: ["*.ts"],
};

/** Of a fresh `npm install helixrouter`. */
const MAX_BYTES = 3_000_000;

const tally = createTally("pack");
const folder = await mkdtemp(join(tmpdir(), "helixrouter-pack-"));
const quiet = { quiet: true, timeoutMs: 120_000 };
const there = { ...quiet, cwd: folder };

/** Nothing else can be said about a package that cannot be made or installed. */
async function giveUp() {
  await rm(folder, { recursive: true, force: true });
  tally.end();
  process.exit();
}

const denoFlags = ["run", "--no-lock", "--no-prompt", "--allow-read"];
const runtimes = [
  { name: "node", title: "Node of this machine", command: "node", before: [] },
  { name: "node", title: "Node 24", command: "", before: [], version: "24" },
  { name: "deno", title: "Deno", command: "deno", before: denoFlags },
  { name: "bun", title: "Bun", command: "bun", before: [] },
];
const program = join("node_modules", "helixrouter", "dist", "bin", "helixrouter.js");

let found;
/** Those that are here; the others are skipped, once. */
async function present() {
  if (found !== undefined) return found;
  found = [];
  for (const { version, ...runtime } of runtimes) {
    const command = version === undefined ? runtime.command : await findNode(version);
    const { code, stdout } = await run(command, ["--version"], there);
    const isRight = code === 0 && (version === undefined || stdout.startsWith(`v${version}.`));
    if (isRight) found.push({ ...runtime, command });
    else tally.skip(runtime.title, "it is not installed, and cannot be downloaded here");
  }
  return found;
}

/** Where npx puts a Node; each start of npx itself costs more than what it starts. */
async function findNode(version) {
  const args = ["-y", `node@${version}`, "--print", "process.execPath"];
  const { stdout } = await run("npx", args, there);
  return stdout.trim() || `node${version}`;
}

/** What files take on a disk with blocks of 4 KiB. */
function blocksOf(sizes) {
  return sizes.reduce((sum, { size }) => sum + Math.ceil(size / 4096) * 4096, 0);
}

/** Starts the server, has it run a job, and ends it. */
function objectionToServed(command, args) {
  return new Promise((resolve) => {
    const child = start(command, args, { cwd: folder, env: { HELIX_LOG: "warn" } });
    let output = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), quiet.timeoutMs);
    let objection = "it printed no address", isAsked = false;
    const hear = async (text) => {
      output += text;
      const url = /Metrics\s+(\S+)\/metrics/.exec(output)?.[1];
      if (url === undefined || isAsked) return;
      isAsked = true;
      const token = decodeURIComponent(/#token=(\S+)/.exec(output)[1]);
      const answer = await fetch(`${url}/api/jobs/hash_mix`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ input: { id: 1, inputs: [1, 2], cost: 500 } }),
      }).then((response) => response.json(), (error) => ({ status: `${error}` }));
      objection = answer.status === "completed" ? undefined : JSON.stringify(answer);
      child.kill("SIGTERM");
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", hear);
    child.on("error", (error) => output += error.message);
    child.on("close", () => {
      clearTimeout(timer);
      resolve(objection === undefined ? undefined : `${objection}\n${output}`);
    });
  });
}

/** Where an editor goes from a name in a file: asked of TypeScript's own server. */
function definitionOf(file, text) {
  const server = fileURLToPath(import.meta.resolve("typescript/lib/tsserver.js"));
  const child = spawn(process.execPath, [server, "--disableAutomaticTypingAcquisition"], {
    cwd: folder,
  });
  return new Promise((resolve) => {
    let output = "";
    const timer = setTimeout(() => resolve({ file: output, line: 0 }), quiet.timeoutMs);
    child.stdout.setEncoding("utf8").on("data", (part) => {
      output += part;
      const answer = output.split("\n").find((line) => line.includes('"command":"definition"'));
      if (answer === undefined || !answer.endsWith("}")) return;
      clearTimeout(timer);
      const [place] = JSON.parse(answer).body;
      resolve({ file: place.file, line: place.start.line });
    });
    const ask = (command, args) =>
      child.stdin.write(
        `${JSON.stringify({ seq: 0, type: "request", command, arguments: args })}\n`,
      );
    const before = app.slice(0, app.indexOf(text)).split("\n");
    ask("open", { file });
    ask("definition", { file, line: before.length, offset: before.at(-1).length + 2 });
  }).finally(() => child.kill());
}

await installTools();
if (!await tally.command("npm run build", "node", [".ci/build.mjs", "--if-changed"])) {
  await giveUp();
}

/** What the tarball holds, and the folder that was packed. */
let contents = { filename: "", size: 0, files: [] };
let source = root;

await tally.check("npm pack holds what it should", async () => {
  const packed = await pack(folder);
  if (packed.problem !== undefined) return packed.problem;
  ({ contents, source } = packed);
  const { HELIX_TARBALL } = process.env; // for the checks that use it after this one
  if (HELIX_TARBALL !== undefined) await cp(join(folder, contents.filename), HELIX_TARBALL);
  const paths = contents.files.map(({ path }) => path);
  const wanted = [
    "LICENSE",
    "README.md",
    "dist/workers/job_worker.js",
    ...Object.values(manifest.bin),
    ...Object.values(manifest.exports).flatMap((value) =>
      typeof value === "string" ? [value] : Object.values(value)
    ),
  ].map((path) => path.replace("./", ""));
  const missing = wanted.filter((path) => !paths.includes(path));
  const extra = paths.filter((path) => /(^|\/)(tests|bench)\//.test(path));
  const kilobytes = (contents.size / 1024).toFixed(1);
  console.log(`     ${contents.filename}: ${paths.length} files, ${kilobytes} KB packed`);
  return missing.length + extra.length === 0
    ? undefined
    : `missing: ${missing.join(", ")}; should not be there: ${extra.join(", ")}`;
});

/** The text of a file of the package. */
const textOf = (path) => readFile(join(source, path), "utf8");

await tally.check("its declarations have maps, which lead to sources in it", async () => {
  const paths = new Set(contents.files.map(({ path }) => path));
  const lost = [];
  for (const path of paths) {
    if (!path.endsWith(".d.ts")) continue;
    const [, data = ""] = /sourceMappingURL=data:[^,]*,(.*)$/.exec(await textOf(path)) ?? [];
    const { sources = [""] } = JSON.parse(atob(data) || "{}");
    const places = sources.map((name) => posix.join(posix.dirname(path), name));
    if (!places.every((place) => paths.has(place))) lost.push(`${path}: ${places}`);
  }
  return lost.length === 0 ? undefined : lost.join("\n");
});

await tally.check("its scripts have maps, which lead to the repository", async () => {
  const paths = contents.files.map(({ path }) => path);
  const lost = [];
  for (const path of paths) {
    if (!path.endsWith(".js.map")) continue;
    const { sourceRoot, sources } = JSON.parse(await textOf(path));
    if (sourceRoot !== fileUrl("")) lost.push(`${path}: ${sourceRoot}`);
    lost.push(...sources.filter((name) => !existsSync(join(root, name))));
  }
  const isMapped = paths.includes("dist/src/core.js.map");
  return lost.length === 0 && isMapped ? undefined : lost.join("\n");
});

await tally.check("its maps lead to the lines that stacks are about", async () => {
  const text = await textOf("dist/src/core.js");
  const map = new SourceMap(JSON.parse(await textOf("dist/src/core.js.map")));
  const sources = new Map();
  const lost = [];
  for (const [index, line] of text.split("\n").entries()) {
    for (const { 1: name, index: column } of line.matchAll(/\bfunction ([A-Za-z]+)\d*\(/g)) {
      const { originalSource = "", originalLine } = map.findEntry(index, column);
      const path = originalSource.replace(fileUrl(""), "");
      if (!sources.has(path)) {
        sources.set(path, (await readFile(join(root, path), "utf8")).split("\n"));
      }
      if (!sources.get(path)[originalLine].includes(name)) lost.push(`${name}: ${path}`);
    }
  }
  return lost.length === 0 && sources.size > 20 ? undefined : lost.join("\n");
});

await tally.check("the links and pictures of its README are absolute", async () => {
  const targets = [...(await textOf("README.md")).matchAll(/\]\(([^)]+)\)/g)].map(([, url]) => url);
  const relative = targets.filter((url) => !/^(https:|#)/.test(url));
  return targets.length > 5 && relative.length === 0 ? undefined : relative.join("\n");
});

await tally.check("its manifest has no scripts that run elsewhere", async () => {
  const { scripts } = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
  return scripts === undefined ? undefined : JSON.stringify(scripts);
});

/** What a bundler of the package looks for. */
await tally.check("each URL of a file in it is one of a file in it", async () => {
  const paths = new Set(contents.files.map(({ path }) => path));
  const lost = [];
  for (const path of paths) {
    // That one is the text of a page.
    if (!path.endsWith(".js") || path.endsWith("/assets.js")) continue;
    const text = await readFile(join(source, path), "utf8");
    for (const [, url] of text.matchAll(/new URL\("([^"]*)",\s*import\.meta\.url/g)) {
      if (!paths.has(posix.join(posix.dirname(path), url))) lost.push(`${path}: ${url}`);
    }
  }
  return paths.size > 0 && lost.length === 0 ? undefined : lost.join("\n");
});

const installed = await tally.check("it installs into an empty folder", async () => {
  await writeFile(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
  await writeFile(join(folder, "jobs.ts"), jobs);
  await writeFile(join(folder, "app.ts"), app);
  await writeFile(join(folder, "http.js"), http);
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", `./${contents.filename}`];
  const { code, output } = await run("npm", ["install", ...flags], there);
  return code === 0 ? undefined : output;
});
if (!installed) await giveUp();

await tally.check(`all that is installed has at most ${MAX_BYTES} bytes`, async () => {
  const modules = join(folder, "node_modules");
  const entries = await readdir(modules, { recursive: true, withFileTypes: true });
  const sizes = await Promise.all(
    entries.filter((entry) => entry.isFile())
      .map((entry) => stat(join(entry.parentPath ?? entry.path, entry.name))),
  );
  const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
  const inBlocks = blocksOf(sizes);
  console.log(`     ${sizes.length} files, ${bytes} bytes, ${inBlocks} in blocks of 4 KiB`);
  return bytes <= MAX_BYTES ? undefined : `it has ${bytes}`;
});

await tally.check(
  "without the packages it needs, helixrouter/http says which to install",
  async () => {
    const wanted = "npm install hono zod @hono/node-server";
    const problems = [];
    for (const { title, command, before } of await present()) {
      const args = [...before, "http.js"];
      const { code, stdout, output } = await run(command, args, there);
      if (code !== 0 || !stdout.includes(wanted) || stdout.trim().includes("\n")) {
        problems.push(`${title}: ${output}`);
      }
    }
    return problems.length === 0 ? undefined : problems.join("\n");
  },
);

for (const { name, title, command, before } of await present()) {
  await tally.check(
    `${title}: helixrouter simulate --json, with nothing else installed`,
    async () => {
      const env = name === "deno" ? ["--allow-env"] : [];
      const args = [...before, ...env, program, "simulate", "--jobs", "20", "--json"];
      const { code, stdout, output } = await run(command, args, there);
      if (code !== 0) return output;
      const summary = JSON.parse(stdout);
      const settled = summary.completed + summary.dropped + summary.failed + summary.cancelled +
        summary.timedOut;
      return summary.runtime === name && settled === 20 ? undefined : output;
    },
  );
  // npx passes no signals on.
  if (title === "Node 24") continue;
  await tally.check(`${title}: helixrouter serve, with nothing else installed`, async () => {
    const flags = name === "deno" ? ["--allow-env", "--allow-net"] : [];
    return await objectionToServed(command, [...before, ...flags, program, "serve", "--port", "0"]);
  });
}

await tally.check("npx helixrouter starts the program", async () => {
  const { code, stdout, output } = await run("npx", ["helixrouter", "--help"], there);
  return code === 0 && /simulate/.test(stdout) ? undefined : output;
});

await tally.check("go to definition ends in a source", async () => {
  const place = await definitionOf(join(folder, "app.ts"), "createRouter({");
  const isThere = place.file.endsWith("helixrouter/dist/src/create/create_router.source.ts");
  const line = isThere ? (await readFile(place.file, "utf8")).split("\n")[place.line - 1] : "";
  return line.includes("function createRouter") ? undefined : JSON.stringify({ ...place, line });
});

const packages = Object.entries(manifest.peerDependencies)
  .filter(([name]) => /hono|zod/.test(name)).map(([name, range]) => `${name}@${range}`);
const ofHttp = ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...packages];
if (!await tally.command("the packages of helixrouter/http install", "npm", ofHttp, there)) {
  await giveUp();
}
await tally.command("its types hold for tsc", "tsc", ["-p", "."], there);

for (const { name, title, command, before } of await present()) {
  await tally.check(`${title}: a job through every lane, every subpath`, async () => {
    const { code, stdout, output } = await run(command, [...before, "out/app.js"], there);
    const wanted = JSON.stringify({ runtime: name, ...expectedLanes });
    return code === 0 && stdout.trim() === wanted ? undefined : `wanted ${wanted}\n${output}`;
  });
}

/** A check by a program of tools/. */
async function checkWith(command, name, args, options) {
  if (await isThere(command)) await tally.command(name, command, args, options);
  else tally.skip(name, `there is no ${command}: npm ci in .ci/tools did not bring it`);
}

const tarball = join(folder, contents.filename);
const publish = ["publish", "--dry-run", "--allow-dirty"];
// From CommonJS it is a package of ES modules: "dynamic import only" until TypeScript knows require() of them.
const attw = [
  tarball,
  "--profile",
  "node16",
  "--ignore-rules",
  "cjs-resolves-to-esm",
  "--no-emoji",
];
await checkWith("deno", "its types hold for Deno", ["check", "--no-lock", "app.ts"], there);
await checkWith("deno", "deno publish --dry-run", publish, quiet);
await checkWith("publint", "publint", ["--strict"], { ...quiet, cwd: source });
await checkWith("attw", "attw --profile node16", attw, quiet);

await rm(folder, { recursive: true, force: true });
tally.end();
