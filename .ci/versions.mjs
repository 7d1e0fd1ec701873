// Runs a pool job and a server of the packed package on the oldest and the newest of each runtime, and
// compiles against its types: each from npm. `node .ci/versions.mjs [runtimes]
// [packages] [types]`; packages are the oldest that helixrouter/http works with.
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { makeProject, runChecks } from "./project.mjs";
import { manifest } from "./repository.mjs";
import { JAVASCRIPT, NODE, program } from "./runner_jobs.mjs";
import { createTally, run } from "./steps.mjs";

const tally = createTally("versions");

/** What `helixrouter/http` needs. */
const PEERS = ["hono@4", "@hono/node-server@2", "zod@4"];

/** The oldest that is supported of each runtime, the newest, and those that once were trouble. */
const VERSIONS = [
  ...["20.16.0", "21.0.0", "22.0.0", "latest"].map((version) => ({
    name: "Node",
    version,
    packaged: NODE,
    path: `${NODE}/bin/node`,
    flags: [],
  })),
  ...["1.2.0", "1.2.6", "1.3.14", "latest"].map((version) => ({
    name: "Bun",
    version,
    packaged: "@oven/bun-linux-x64",
    path: "@oven/bun-linux-x64/bin/bun",
    flags: [],
  })),
  ...["2.0.0", "latest"].map((version) => ({
    name: "Deno",
    version,
    packaged: "@deno/linux-x64-glibc",
    path: "@deno/linux-x64-glibc/deno",
    flags: ["run", "-A", "--no-lock"],
  })),
];

/** Has a job done over HTTP, and reads the document about it. */
const HTTP = `import { createRouter } from "helixrouter";
import { createHttpApp, serve } from "helixrouter/http";
import jobs from "./jobs.js";

const router = await createRouter({ jobs });
const served = await serve(createHttpApp(router), { port: 0 });
const headers = { "content-type": "application/json" };
const ask = async (path, body) => {
  const method = body === undefined ? "GET" : "POST";
  return await (await fetch(served.url + path, { method, headers, body })).json();
};
const { output } = await ask("/api/jobs/heavy", '{ "input": 41 }');
if (output.sum !== 42) throw new Error(JSON.stringify(output));
const { paths } = await ask("/openapi.json");
if (!("/api/jobs/heavy" in paths)) throw new Error(Object.keys(paths).join());
await served.close();
await router.close();
`;

const checks = {
  async runtimes() {
    const body = `await runHeavy();
let isAsked;
const asked = new Promise((done) => isAsked = done);
const app = { fetch: () => new Promise(isAsked) };
const served = await serve(app, { port: 0, drainMs: 50 });
const answer = fetch(served.url).then(() => "answered", () => "cut");
await asked;
await served.close();
if (await answer !== "cut") throw new Error(await answer);`;
    const app = `import { serve } from "helixrouter/http";\n${
      program("./jobs.js", body)
    }process.exit(0);\n`;
    const files = { "jobs.js": JAVASCRIPT, "app.js": app };
    for (const { name, version, packaged, path, flags } of VERSIONS) {
      const cwd = await makeProject(tally, files, [`${packaged}@${version}`, ...PEERS]);
      if (cwd === undefined) continue;
      const runtime = join(cwd, "node_modules", path);
      await chmod(runtime, 0o755);
      await tally.command(`on ${name} ${version}`, runtime, [...flags, "app.js"], { cwd });
    }
  },
  packages: oldPackages,
  async types() {
    const parts = ["", "/jobs", "/worker", "/http", "/simulation", "/testing", "/otel", "/shadow"];
    const text = parts.map((part, i) =>
      `import type * as part${i} from "helixrouter${part}" with { "resolution-mode": "import" };
export type Part${i} = typeof part${i};
`
    ).join("");
    const files = {
      "esm.ts": `${text}import { createHttpApp, serve } from "helixrouter/http";
export const served = serve(createHttpApp({} as never));
`,
      "cjs.cts":
        `${text}export const http = import("helixrouter/http").then(({ serve }) => serve);\n`,
    };
    for (const versions of [["5.7.3", "20.19.0"], ["latest", "latest"]]) {
      const [typescript, node] = versions;
      const packages = [
        `typescript@${typescript}`,
        `@types/node@${node}`,
        "@opentelemetry/api@1",
        ...PEERS,
      ];
      const cwd = await makeProject(tally, files, packages);
      if (cwd === undefined) continue;
      const flags = ["--lib", "es2023", "--types", "node", "--skipLibCheck", "false", "--noEmit"];
      const args = ["--strict", "--target", "es2022", "--module", "nodenext", ...flags];
      const title = `types without lib dom, TypeScript ${typescript}, @types/node ${node}`;
      await tally.check(title, async () => {
        const command = ["tsc", ...args, "--pretty", "false", "esm.ts", "cjs.cts"];
        const { code, output } = await run("npx", command, { quiet: true, cwd });
        const errors = output.split("\n").filter((line) => /^\S+\(\d+,\d+\): error/.test(line));
        // Those of hono alone stand in its files: it wants WebSocket, which @types/node has since 22.
        const isTheirs = errors.length > 0 &&
          errors.every((line) => /^node_modules\/hono\//.test(line));
        return code === 0 || isTheirs ? undefined : output;
      });
    }
  },
};

/** The oldest packages that helixrouter/http is said to work with. */
async function oldPackages() {
  const ranges = Object.entries(manifest.peerDependencies).filter(([name]) =>
    /hono|zod/.test(name)
  );
  const packages = ranges.map(([name, range]) => `${name}@${range.slice(1)}`);
  const files = { "jobs.js": JAVASCRIPT, "app.js": HTTP };
  const cwd = await makeProject(tally, files, packages);
  if (cwd === undefined) return;
  await tally.command(`helixrouter/http with ${packages.join(", ")}`, "node", ["app.js"], { cwd });
}

await runChecks(tally, checks, process.argv.slice(2));
