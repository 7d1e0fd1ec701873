// Packs the package, installs it into an empty folder, and uses it there as a stranger would: on each
// runtime one job through every lane, every subpath imported, the program run, the types checked. Tries
// what would be published to JSR, too.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import process from "node:process";
import { installTools } from "./install_tools.mjs";
import { pack } from "./packed.mjs";
import { createTally, isThere, root, run } from "./steps.mjs";

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
  const paths = contents.files.map(({ path }) => path);
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
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

await tally.check("its maps lead to sources in it", async () => {
  const paths = new Set(contents.files.map(({ path }) => path));
  const lost = [];
  for (const path of paths) {
    if (!path.endsWith(".map")) continue;
    const { sources } = JSON.parse(await readFile(join(source, path), "utf8"));
    for (const name of sources) {
      const place = posix.join(posix.dirname(path), name);
      if (!paths.has(place)) lost.push(`${path}: ${place}`);
    }
  }
  const unmapped = [...paths].filter((path) =>
    path.endsWith(".d.ts") && !paths.has(`${path}.map`) && !path.endsWith("/assets.d.ts")
  );
  return lost.length + unmapped.length === 0 ? undefined : [...lost, ...unmapped].join("\n");
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
    if (!path.endsWith(".js")) continue;
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
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", `./${contents.filename}`];
  const { code, output } = await run("npm", ["install", ...flags], there);
  return code === 0 ? undefined : output;
});
if (!installed) await giveUp();
await tally.command("its types hold for tsc", "tsc", ["-p", "."], there);

const denoFlags = ["run", "--no-lock", "--no-prompt", "--allow-read"];
const runtimes = [
  { name: "node", title: "Node of this machine", command: "node", before: [] },
  { name: "node", title: "Node 24", command: "npx", before: ["-y", "node@24"] },
  { name: "deno", title: "Deno", command: "deno", before: denoFlags },
  { name: "bun", title: "Bun", command: "bun", before: [] },
];
const program = join("node_modules", "helixrouter", "dist", "bin", "helixrouter.js");

for (const { name, title, command, before } of runtimes) {
  const version = [...before.slice(0, command === "npx" ? 2 : 0), "--version"];
  const { code, stdout } = await run(command, version, there);
  if (code !== 0 || (title === "Node 24" && !stdout.startsWith("v24"))) {
    tally.skip(title, "it is not installed, and cannot be downloaded here");
    continue;
  }
  await tally.check(`${title}: a job through every lane, every subpath`, async () => {
    const { code, stdout, output } = await run(command, [...before, "out/app.js"], there);
    const wanted = JSON.stringify({ runtime: name, ...expectedLanes });
    return code === 0 && stdout.trim() === wanted ? undefined : `wanted ${wanted}\n${output}`;
  });
  await tally.check(`${title}: helixrouter simulate --json`, async () => {
    const env = name === "deno" ? ["--allow-env"] : [];
    const args = [...before, ...env, program, "simulate", "--jobs", "20", "--json"];
    const { code, stdout, output } = await run(command, args, there);
    if (code !== 0) return output;
    const summary = JSON.parse(stdout);
    const settled = summary.completed + summary.dropped + summary.failed + summary.cancelled +
      summary.timedOut;
    return summary.runtime === name && settled === 20 ? undefined : output;
  });
}

await tally.check("npx helixrouter starts the program", async () => {
  const { code, stdout, output } = await run("npx", ["helixrouter", "--help"], there);
  return code === 0 && /simulate/.test(stdout) ? undefined : output;
});

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
