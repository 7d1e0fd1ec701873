// Builds programs that use the packed package, with webpack and with Next.js, and runs what they make.
// Both come from npm, so this is a part of the long campaign only: `node .ci/bundlers.mjs [webpack] [next]`.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { pack } from "./packed.mjs";
import { createTally, run } from "./steps.mjs";

const VERSIONS = {
  webpack: ["webpack@5.113.0"],
  next: ["next@16.4.6", "react@19.3.1", "react-dom@19.3.1"],
};

const JOBS = `import { defineJobs } from "helixrouter/jobs";

const run = (n) => ({ sum: n + 1, here: globalThis.isMain === true });
export default defineJobs(import.meta.url, { tiny: { cost: 1, run }, heavy: { cost: 1e6, run } });
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

const IMPORTS = `import { createRouter, thresholdPolicy } from "helixrouter";
import "helixrouter/http";
import "helixrouter/otel";
import "helixrouter/shadow";
import "helixrouter/simulation";
`;

const WEBPACK = {
  "jobs.js": JOBS,
  "jobs.worker.js": `import { serveJobs } from "helixrouter/worker";
import jobs from "./jobs.js";

serveJobs(jobs);
`,
  "app.js": `${IMPORTS}import jobs from "./jobs.js";

${TRY}
const worker = () => new Worker(new URL("./jobs.worker.js", import.meta.url), { type: "module" });
console.log(JSON.stringify({ builtIn: await tryBoth({}), own: await tryBoth({ worker }) }));
`,
  "build.js": `import webpack from "webpack";

const output = { module: true, chunkFormat: "module", filename: "[name].mjs", path: process.argv[2] };
const experiments = { outputModule: true };
const config = { mode: "production", target: "node20", entry: "./app.js", experiments, output };
webpack(config, (error, stats) => {
  const hasFailed = error !== null || stats.hasErrors() || stats.hasWarnings();
  if (hasFailed) console.error(error ?? stats.toString());
  process.exitCode = hasFailed ? 1 : 0;
});
`,
};

const NEXT = {
  "app/jobs.js": JOBS,
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
export async function GET() {
  return Response.json({ builtIn: await tryBoth({}) });
}
`,
};

const HERE = { strategy: "inline", sum: 42, here: true };
const THERE = { strategy: "cpu_pool", sum: 42, here: false };

/** What is wrong with what was told of a job on the built-in entry: it runs, or fails and says what to do. */
function objectionTo([tiny, heavy]) {
  const isRight = same(tiny, HERE) &&
    (same(heavy, THERE) ||
      heavy.name === "JobModuleError" && /option "worker"/.test(heavy.message));
  return isRight ? undefined : JSON.stringify([tiny, heavy]);
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

const tally = createTally("bundlers");
const folders = [];
const quiet = { quiet: true };
const tarballs = await makeFolder({});
await tally.command("npm run build", "node", [".ci/build.mjs", "--if-changed"]);
const { contents } = await pack(tarballs);
const tarball = join(tarballs, contents.filename);

async function makeFolder(files) {
  const folder = await mkdtemp(join(tmpdir(), "helixrouter-bundlers-"));
  folders.push(folder);
  const manifest = '{ "private": true, "type": "module" }\n';
  for (const [name, text] of Object.entries({ "package.json": manifest, ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** A project with these files, the package and a bundler; `undefined` if it cannot be installed. */
async function makeProject(name, files) {
  const folder = await makeFolder(files);
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"];
  const packages = [tarball, ...VERSIONS[name]];
  const options = { ...quiet, cwd: folder };
  const title = `${VERSIONS[name][0]} installs`;
  const isThere = await tally.command(title, "npm", ["install", ...flags, ...packages], options);
  return isThere ? folder : undefined;
}

async function checkWebpack() {
  const cwd = await makeProject("webpack", WEBPACK);
  if (cwd === undefined) return;
  const out = join(await makeFolder({}), "out");
  if (!await tally.command("webpack builds", "node", ["build.js", out], { cwd })) return;
  let told;
  const isRun = await tally.check("what webpack made runs", async () => {
    const { code, stdout, output } = await run("node", [join(out, "main.mjs")], quiet);
    if (code !== 0) return output;
    told = JSON.parse(stdout);
  });
  if (!isRun) return;
  await tally.check(
    "the built-in entry works, or says what to do",
    () => objectionTo(told.builtIn),
  );
  await tally.check(
    "a job runs on a worker of the bundle's own",
    () => same(told.own, [HERE, THERE]) ? undefined : JSON.stringify(told.own),
  );
}

async function checkNext() {
  const cwd = await makeProject("next", NEXT);
  if (cwd === undefined) return;
  for (const bundler of ["--webpack", "--turbopack"]) {
    const name = `next build ${bundler}`;
    if (!await tally.command(name, "npx", ["next", "build", bundler], { cwd })) continue;
    await tally.check(`${name}: a route that uses a router`, async () => {
      const told = await askRoute(cwd);
      return objectionTo(told.builtIn);
    });
  }
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

const checks = { webpack: checkWebpack, next: checkNext };
const asked = process.argv.slice(2);
try {
  for (const name of asked.length === 0 ? Object.keys(checks) : asked) await checks[name]();
} finally {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}
tally.end();
