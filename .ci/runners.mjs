// Runs pool jobs of the packed package under other people's runners, and with their fake timers: each from
// npm, on Node 20 and on Node 24. `node .ci/runners.mjs [vitest] [jsdom] [tsx] [jest] [sinon] [commonjs] [bun]
// [deno] [hot]`.
import { join } from "node:path";
import process from "node:process";
import { installTools } from "./install_tools.mjs";
import { makeProject, runChecks } from "./project.mjs";
import { JAVASCRIPT, NODE, program, RUN } from "./runner_jobs.mjs";
import { createTally, run } from "./steps.mjs";

const tally = createTally("runners");

const NODE_24 = `${NODE}@24.11.1`;

/** A job file as the tools are fond of it: an enum, and a file named without its extension. */
const TYPESCRIPT = {
  "jobs.ts": `import { defineJobs } from "helixrouter/jobs";
import { By, add } from "./math";

const run = (n: number) => ({ sum: add(n, By.One), here: "isMain" in globalThis });
export default defineJobs(import.meta.url, { heavy: { cost: 1e6, run } });
`,
  "math.ts": `export enum By { Zero, One }
export const add = (a: number, b: number): number => a + b;
`,
};

/** A job file as TypeScript makes it for CommonJS. */
const COMMONJS = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const { pathToFileURL } = require("node:url");
const { defineJobs } = require("helixrouter/jobs");

const run = (n) => ({ sum: n + 1, here: "isMain" in globalThis });
exports.default = defineJobs(pathToFileURL(__filename), { heavy: { cost: 1e6, run } });
`;

/** A test that runs jobs, and then again with timers that stand still. */
const testOf = (head, jobs, use, back) =>
  `${head}
import { createRouter, thresholdPolicy } from "helixrouter";
import jobs from "${jobs}";

${RUN.replace("globalThis.isMain = true", "(globalThis as any).isMain = true")}
test("jobs run on workers", () => runHeavy(), 60_000);
test("jobs run on workers beside fake timers", async () => {
  try {
    await runHeavy(() => ${use});
  } finally {
    ${back};
  }
}, 60_000);
`;

const untyped = (text) => text.replace("(globalThis as any)", "globalThis");

/** The Nodes to run on, each as what comes before a program; Node 24 comes from npm. */
async function nodes(cwd) {
  const node24 = join(cwd, "node_modules", NODE, "bin");
  const { stdout } = await run(join(node24, "node"), ["--version"], { quiet: true });
  const own = { title: `Node ${process.versions.node}`, env: {} };
  if (!stdout.startsWith("v24")) return [own];
  const env = { PATH: `${node24}:${process.env.PATH}` };
  return [own, { title: `Node ${stdout.trim().slice(1)}`, env }];
}

/** Each command on each Node: it must end well, and print `wanted`. */
async function checkOnNodes(cwd, commands) {
  for (const { title, env } of await nodes(cwd)) {
    for (const [name, [args, wanted = "", input]] of Object.entries(commands)) {
      await tally.check(`${name}, ${title}`, async () => {
        const [command, ...rest] = args;
        const { code, output } = await run(command, rest, { cwd, env, quiet: true, input });
        return code === 0 && output.includes(wanted) ? undefined : `${output}\nexit code ${code}`;
      });
    }
  }
}

const checks = {
  async vitest() {
    const all =
      '["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "performance", "Date"]';
    const head = 'import { test, vi } from "vitest";';
    const test = testOf(
      head,
      "./jobs",
      `vi.useFakeTimers({ toFake: ${all} })`,
      "vi.useRealTimers()",
    );
    const files = { ...TYPESCRIPT, "jobs.test.ts": test };
    const cwd = await makeProject(tally, files, ["vitest@4.1.12", NODE_24]);
    if (cwd === undefined) return;
    await checkOnNodes(cwd, { vitest: [["npx", "vitest", "run"], "2 passed"] });
  },
  async jsdom() {
    const head =
      '// @vitest-environment jsdom\nimport { test, vi } from "vitest";\nimport "@vitest/web-worker";';
    const test = testOf(head, "./jobs", "vi.useFakeTimers()", "vi.useRealTimers()");
    const files = { ...TYPESCRIPT, "jobs.test.ts": test };
    const packages = ["vitest@4.1.9", "@vitest/web-worker@4.1.9", "jsdom@26.1.0"];
    const cwd = await makeProject(tally, files, packages);
    if (cwd === undefined) return;
    const pools = ["forks", "threads", "vmThreads"];
    await checkOnNodes(
      cwd,
      Object.fromEntries(pools.map((pool) => [
        `vitest with jsdom and its global Worker, ${pool}`,
        [["npx", "vitest", "run", `--pool=${pool}`], "2 passed"],
      ])),
    );
  },
  async tsx() {
    const files = {
      ...TYPESCRIPT,
      "app.ts": program("./jobs").replace("globalThis.isMain", "(globalThis as any).isMain"),
    };
    const cwd = await makeProject(tally, files, ["tsx@4.23.15", NODE_24]);
    if (cwd === undefined) return;
    await checkOnNodes(cwd, {
      "tsx": [["npx", "tsx", "app.ts"], "ran"],
      "node --import tsx": [["node", "--import", "tsx", "app.ts"], "ran"],
    });
  },
  async jest() {
    const head = 'import { jest } from "@jest/globals";';
    const test = untyped(testOf(head, "./jobs.js", "jest.useFakeTimers()", "jest.useRealTimers()"));
    const commonjs = test.replace(/^import .*;$/gm, "").replace(
      "async function runHeavy",
      `async function runHeavy(between) {
  const { createRouter, thresholdPolicy } = await import("helixrouter");
  const { default: jobs } = await import("../jobs.js");
  await runThem(createRouter, thresholdPolicy, jobs, between);
}
async function runThem`,
    ).replace(
      "runThem(between = () => {})",
      "runThem(createRouter, thresholdPolicy, jobs, between = () => {})",
    );
    const files = {
      "jobs.js": JAVASCRIPT,
      "esm.test.js": test,
      "jsdom.test.js": `/** @jest-environment jsdom */\n${test}`,
      "cjs/package.json": '{ "type": "commonjs" }',
      "cjs/cjs.test.js": commonjs,
      "jest.config.json": '{ "transform": {} }',
    };
    const cwd = await makeProject(tally, files, [
      "jest@30.5.2",
      "jest-environment-jsdom@30.5.2",
      NODE_24,
    ]);
    if (cwd === undefined) return;
    const jest = ["node", "--experimental-vm-modules", "node_modules/jest/bin/jest.js"];
    await checkOnNodes(cwd, { "jest, ES modules, CommonJS, jsdom": [jest, "6 passed"] });
  },
  async sinon() {
    const body = `import FakeTimers from "@sinonjs/fake-timers";
let clock;
try {
  await runHeavy(() => clock = FakeTimers.install());
} finally {
  clock.uninstall();
}`;
    const files = { "jobs.js": JAVASCRIPT, "app.js": program("./jobs.js", body) };
    const cwd = await makeProject(tally, files, ["@sinonjs/fake-timers@15.0.0", NODE_24]);
    if (cwd === undefined) return;
    await checkOnNodes(cwd, { "the fake timers of sinon": [["node", "app.js"], "ran"] });
  },
  async commonjs() {
    const app = `const { createRouter, thresholdPolicy } = require("helixrouter");
const { default: jobs } = require("./jobs.cjs");
${RUN}
runHeavy().then(() => console.log("ran"));
`;
    const files = { "jobs.cjs": COMMONJS, "app.cjs": app, "jobs.js": JAVASCRIPT };
    const cwd = await makeProject(tally, files, [NODE_24]);
    if (cwd === undefined) return;
    await installTools();
    await checkOnNodes(cwd, {
      "require()": [["node", "app.cjs"], "ran"],
      "--eval": [["node", "--input-type=module", "--eval", program("./jobs.js")], "ran"],
    });
    for (
      const [name, args] of Object.entries({ bun: ["app.cjs"], deno: ["run", "-A", "app.cjs"] })
    ) {
      await tally.command(`require() on ${name}`, name, args, { cwd });
    }
  },
  async bun() {
    await installTools();
    const head = 'import { jest, test } from "bun:test";';
    const files = { "jobs.js": JAVASCRIPT };
    files["jobs.test.ts"] = testOf(
      head,
      "./jobs.js",
      "jest.useFakeTimers()",
      "jest.useRealTimers()",
    );
    const cwd = await makeProject(tally, files, []);
    if (cwd === undefined) return;
    await tally.command("bun test, with its fake timers", "bun", ["test"], { cwd });
  },
  async deno() {
    await installTools();
    const test = `${program("./jobs.js", "").replace('console.log("ran");', "")}
Deno.test("jobs run on workers", () => runHeavy());
`;
    const cwd = await makeProject(tally, { "jobs.js": JAVASCRIPT, "jobs.test.js": test }, []);
    if (cwd === undefined) return;
    await tally.command("deno test", "deno", ["test", "-A", "--no-lock"], { cwd });
  },
  async hot() {
    await installTools();
    const app = `import { appendFile } from "node:fs/promises";
import { createRouter, thresholdPolicy } from "helixrouter";
import jobs from "./jobs.js";

await globalThis.router?.close();
const router = globalThis.router = await createRouter({ jobs, policy: thresholdPolicy() });
const all = globalThis.all ??= [];
all.push(router);
const { output } = await router.submit("heavy", 1);
const stale = all.slice(0, -1).filter((router) => router.stats().workers.idle > 0);
console.log("run", all.length, output.sum, stale.length);
if (all.length === 3) process.exit();
await appendFile(import.meta.path, "//\\n");
`;
    const cwd = await makeProject(tally, { "jobs.js": JAVASCRIPT, "app.js": app }, []);
    if (cwd === undefined) return;
    await tally.check("bun --hot, each router closed by the next run", async () => {
      const options = { cwd, quiet: true, timeoutMs: 60_000 };
      const { stdout, output } = await run("bun", ["--hot", "app.js"], options);
      return stdout === "run 1 2 0\nrun 2 2 0\nrun 3 2 0\n" ? undefined : output;
    });
  },
};

await runChecks(tally, checks, process.argv.slice(2));
