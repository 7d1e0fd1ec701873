// Builds programs that use the packed package, with each bundler, and runs what they make: a job on a worker
// by the line of docs/bundles.md, and without it one that works or fails with that line. The bundlers come from
// npm: `node .ci/bundlers.mjs [esbuild] [webpack] [rollup] [vite] [bun] [deno] [next]`.
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { installTools } from "./install_tools.mjs";
import { makeFolder, makeProject, runChecks } from "./project.mjs";
import { createTally, run } from "./steps.mjs";

const JOBS = `import { defineJobs } from "helixrouter/jobs";

const run = (n) => ({ sum: n + 1, here: globalThis.isMain === true });
export default defineJobs(import.meta.url, { tiny: { cost: 1, run }, heavy: { cost: 1e6, run } });
`;

const ENTRY = `import { serveJobs } from "helixrouter/worker";
import jobs from "./jobs.js";

serveJobs(jobs);
`;

/** What a router does with a job of each kind: its output, or its error. */
const TRY = `globalThis.isMain = true;
async function tryBoth(options) {
  const router = await createRouter({ jobs, policy: thresholdPolicy(), ...options });
  const told = [];
  for (const kind of ["tiny", "heavy"]) {
    const { strategy, output, name, message } = await router.submit(kind, 41).catch((error) => error);
    told.push(name === undefined ? { strategy, ...output } : { name, message });
  }
  await router.close();
  return told;
}
`;

const IMPORTS = `import { Worker } from "worker_threads";
import { createRouter, thresholdPolicy } from "helixrouter";
import "helixrouter/http";
import "helixrouter/otel";
import "helixrouter/shadow";
import "helixrouter/simulation";
`;

/** What helixrouter/http needs. */
const HTTP = ["hono@4", "zod@4", "@hono/node-server@2"];

const APP = {
  "jobs.js": JOBS,
  "jobs.worker.js": ENTRY,
  "app.js": `${IMPORTS}import jobs from "./jobs.js";

${TRY}
const worker = () => new Worker(new URL("./jobs.worker.js", import.meta.url));
console.log(JSON.stringify({ builtIn: await tryBoth({}), own: await tryBoth({ worker }) }));
`,
};

const WEBPACK = `import webpack from "webpack";

const output = { module: true, chunkFormat: "module", filename: "[name].mjs", path: process.argv[2] };
const experiments = { outputModule: true };
const config = { mode: "production", target: "node20", entry: "./app.js", experiments, output };
webpack(config, (error, stats) => {
  const hasFailed = error !== null || stats.hasErrors() || stats.hasWarnings();
  if (hasFailed) console.error(error ?? stats.toString());
  process.exitCode = hasFailed ? 1 : 0;
});
`;

const ROLLUP = `import { builtinModules } from "node:module";
import json from "@rollup/plugin-json";
import commonjs from "@rollup/plugin-commonjs";
import resolve from "@rollup/plugin-node-resolve";

export default {
  input: { app: "app.js", "jobs.worker": "jobs.worker.js" },
  external: [/^node:/, ...builtinModules, /^@opentelemetry/, /^vega/],
  plugins: [resolve({ preferBuiltins: true }), commonjs(), json()],
};
`;

const INPUT = '{ app: "app.js", "jobs.worker": "jobs.worker.js" }';
const EXTERNAL = '[/^node:/, "worker_threads", /^@opentelemetry/, /^vega/, /^@hono/]';

const VITE_SSR = `export default {
  build: { ssr: true, rollupOptions: { input: ${INPUT} } },
};
`;

const VITE_LIBRARY = `export default {
  base: "./",
  worker: { format: "es" },
  build: {
    target: "es2022",
    lib: { entry: ${INPUT}, formats: ["es"] },
    rollupOptions: { external: ${EXTERNAL} },
  },
};
`;

/** webpack as Next sets it up looks for workers of the server among the files for browsers. */
const NEXT_CONFIG = `import { join } from "node:path";
import { pathToFileURL } from "node:url";

const chunks = join(process.cwd(), ".next/server/chunks/");
export default {
  webpack(config, { isServer }) {
    if (isServer) config.output.workerPublicPath = pathToFileURL(chunks).href;
    return config;
  },
};
`;

const NEXT = {
  "app/jobs.js": JOBS,
  "app/jobs.worker.js": ENTRY,
  "app/layout.js": `export default function Layout({ children }) {
  return <html lang="en"><body>{children}</body></html>;
}
`,
  "app/page.js": `export default function Page() {
  return <p>Jobs</p>;
}
`,
  "app/api/jobs/route.js": `${IMPORTS}import jobs from "../../jobs.js";

export const dynamic = "force-dynamic";
${TRY}
const worker = () => new Worker(new URL("../../jobs.worker.js", import.meta.url));
export async function GET() {
  return Response.json({ builtIn: await tryBoth({}), own: await tryBoth({ worker }) });
}
`,
};

const HERE = { strategy: "inline", sum: 42, here: true };
const THERE = { strategy: "cpu_pool", sum: 42, here: false };
const LINE = 'worker: () => new Worker(new URL("./jobs.worker.js", import.meta.url))';

const tally = createTally("bundlers");

/** What is wrong with what was told: the built-in entry works or the error prints the line, and the line works. */
function objectionTo({ builtIn: [tiny, heavy], own }) {
  const isTold = heavy.name === "JobModuleError" && heavy.message.includes(LINE);
  const isRight = same(tiny, HERE) && (same(heavy, THERE) || isTold) && same(own, [HERE, THERE]);
  return isRight ? undefined : JSON.stringify({ builtIn: [tiny, heavy], own }, null, 2);
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Runs what a bundler made, outside of the project. */
function checkRun(title, command, args) {
  return tally.check(title, async () => {
    const cwd = await makeFolder();
    const { code, stdout, output } = await run(command, args, { quiet: true, cwd });
    return code === 0 ? objectionTo(JSON.parse(stdout)) : output;
  });
}

/** A bundler with its ways: the options of each, and what runs what it made. */
async function checkBundler(name, files, packages, ways) {
  const cwd = await makeProject(tally, { ...APP, ...files }, [...packages, ...HTTP]);
  if (cwd === undefined) return;
  for (const [title, { command, args, program, runBy = "node" }] of Object.entries(ways)) {
    // Beside the dependencies, which not all of them bundle.
    const out = join(cwd, `out-${title.replaceAll(" ", "-")}`);
    if (!await tally.command(`${name}, ${title}, builds`, command, args(out), { cwd })) continue;
    const made = join(out, program);
    await checkRun(`${name}, ${title}: jobs run on workers`, runBy ?? made, runBy ? [made] : []);
  }
}

const checks = {
  async esbuild() {
    await installTools();
    const entries = ["esbuild", "app.js", "jobs.worker.js", "--bundle", "--platform=node"];
    const outside = ["--external:vega*", "--external:@opentelemetry/*", "--format=esm"];
    const banner =
      "--banner:js=import { createRequire as createHere } from 'module'; const require = createHere(import.meta.url);";
    const way = (...flags) => ({
      command: "npx",
      args: (out) => [...entries, ...outside, banner, `--outdir=${out}`, ...flags],
      program: "app.js",
    });
    await checkBundler("esbuild", {}, ["esbuild@0.28.2"], {
      "as it is": way(),
      split: way("--splitting"),
      "split and minified": way("--splitting", "--minify"),
      "on Bun": { ...way(), runBy: "bun" },
    });
  },
  async webpack() {
    await checkBundler("webpack", { "build.js": WEBPACK }, ["webpack@5.113.0"], {
      production: { command: "node", args: (out) => ["build.js", out], program: "main.mjs" },
    });
  },
  async rollup() {
    const plugins = ["node-resolve@16.0.3", "commonjs@29.0.0", "json@6.1.0"];
    const packages = ["rollup@4.53.3", ...plugins.map((name) => `@rollup/plugin-${name}`)];
    await checkBundler("rollup", { "rollup.config.js": ROLLUP }, packages, {
      "ES modules": {
        command: "npx",
        args: (out) => ["rollup", "-c", "-d", out],
        program: "app.js",
      },
    });
  },
  async vite() {
    const files = { "ssr.config.js": VITE_SSR, "library.config.js": VITE_LIBRARY };
    const way = (config) => ({
      command: "npx",
      args: (out) => ["vite", "build", "-c", config, "--outDir", out],
      program: "app.js",
    });
    await checkBundler("vite", files, ["vite@8.4.0"], {
      SSR: way("ssr.config.js"),
      library: way("library.config.js"),
    });
  },
  async bun() {
    await installTools();
    const outside = ["vega", "vega-lite", "@opentelemetry/api"].flatMap((name) => ["-e", name]);
    const entries = ["build", "app.js", "jobs.worker.js", ...outside];
    const way = (flags, runBy) => ({
      command: "bun",
      args: (out) => [...entries, ...flags, "--outdir", out],
      program: "app.js",
      runBy,
    });
    await checkBundler("bun build", {}, [], {
      "for Bun": way(["--target=bun"], "bun"),
      "for Node, split and minified": way(["--target=node", "--splitting", "--minify"], "node"),
      "compiled": {
        command: "bun",
        args: (out) => [...entries, "--compile", "--outfile", join(out, "app")],
        program: "app",
        runBy: null,
      },
    });
  },
  async deno() {
    await installTools();
    const cwd = await makeProject(tally, denoApp(), HTTP);
    if (cwd === undefined) return;
    const args = [
      "compile",
      "-A",
      "--no-check",
      "--include",
      "jobs.worker.js",
      "-o",
      "app",
      "app.js",
    ];
    const { code, output } = await run("deno", args, { quiet: true, cwd });
    if (code !== 0 && /denort|dl\.deno\.land/.test(output)) {
      return tally.skip("deno compile", "its base cannot be downloaded here");
    }
    await tally.check("deno compile builds", () => code === 0 ? undefined : output);
    await checkRun("deno compile: jobs run on workers", join(cwd, "app"), []);
  },
  async next() {
    const packages = ["next@16.4.6", "react@19.3.1", "react-dom@19.3.1"];
    const cwd = await makeProject(tally, NEXT, [...packages, ...HTTP]);
    if (cwd === undefined) return;
    for (const bundler of ["--turbopack", "--webpack"]) {
      const name = `next build ${bundler}`;
      const env = { NEXT_TELEMETRY_DISABLED: "1" };
      if (bundler === "--webpack") await writeFile(join(cwd, "next.config.js"), NEXT_CONFIG);
      if (!await tally.command(name, "npx", ["next", "build", bundler], { cwd, env })) continue;
      await tally.check(`${name}: a route that uses a router`, async () => {
        const told = await askRoute(cwd);
        return objectionTo(told);
      });
    }
  },
};

/** On Deno the module has its prefix. */
function denoApp() {
  return { ...APP, "app.js": APP["app.js"].replace('"worker_threads"', '"node:worker_threads"') };
}

/** Starts the server, asks its route, and ends it. */
async function askRoute(cwd) {
  const program = join(cwd, "node_modules", "next", "dist", "bin", "next");
  const server = spawn(process.execPath, [program, "start", "-p", "0", "-H", "127.0.0.1"], { cwd });
  const ended = new Promise((resolve) => server.once("close", resolve));
  try {
    let output = "";
    const url = await new Promise((resolve, reject) => {
      const hear = (text) => {
        output += text;
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output);
        if (found !== null && /Ready/.test(output)) resolve(found[0]);
      };
      server.stdout.setEncoding("utf8").on("data", hear);
      server.stderr.setEncoding("utf8").on("data", hear);
      ended.then(() => reject(new Error(`next start has ended: ${output}`)));
    });
    return await (await fetch(`${url}/api/jobs`)).json();
  } finally {
    server.kill();
    await ended;
  }
}

await runChecks(tally, checks, process.argv.slice(2));
