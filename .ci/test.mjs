// The same tests on each runtime: `node .ci/test.mjs [node] [deno] [bun]`, all three by default.
// Two things run at a time, as most tests mostly wait: on Node alone two groups of files, else two sections.
// What a section prints comes in one piece. With HELIX_LONG=1 each file has its own process or isolate, and
// all cases of all properties are drawn.
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { installTools } from "./install_tools.mjs";
import { createTally, root, run } from "./steps.mjs";
import { findTests, groupTests } from "./test_groups.mjs";
import { readFailures, readTests } from "./test_output.mjs";

/** A section that takes longer hangs; on a busy machine the whole takes its time. */
const LIMIT_MS = 1_200_000;
/** So does a test. Bun's own limit is 5 s, which a busy machine may need for one that computes. */
const TEST_LIMIT_MS = 120_000;

const tally = createTally("test");
const asked = process.argv.slice(2);
const known = ["node", "deno", "bun"];
for (const name of asked) {
  if (!known.includes(name)) {
    console.error(`Cannot test on "${name}": wanted ${known.join(", ")}`);
    process.exit(2);
  }
}
const runtimes = known.filter((name) => asked.length === 0 || asked.includes(name));
if (runtimes.some((name) => name !== "node")) await installTools();

/** Tests that only read the sources: where Node runs them, no other runtime need do the same. */
const ofSources = [
  "tests/structure",
  "tests/mutation",
  "tests/runners",
  "tests/define/types_test.ts",
];
const left = runtimes.includes("node") ? ofSources : [];
for (const path of left) {
  if (!existsSync(join(root, path))) throw new Error(`There is no ${path} to leave out`);
}

const isLong = process.env.HELIX_LONG === "1";

/** Where Node draws all cases of the longest properties, others draw this share of them. */
const env = runtimes.includes("node") && !isLong ? { HELIX_FC_SHARE: "0.25" } : {};

/** By it Firefox is driven, in the long campaign; Node 20 has it by a flag. */
const socket = isLong && typeof WebSocket === "undefined" ? ["--experimental-websocket"] : [];

/** Folders to remove in the end. */
const made = [];

/** The files to run of those in a folder. */
async function filesOf(folder, extension, isWanted) {
  const tests = (await findTests(join(root, folder), extension)).filter(isWanted);
  if (isLong) return tests.map((test) => join(folder, test));
  const groups = await groupTests(join(root, folder), tests);
  made.push(groups.made);
  return groups.paths;
}

/** Bun's tests are run in so many parts: as small ones the last, both cores are busy to the end. */
const BUN_PARTS = 3;

/** The command for a part of the tests on Bun, from 1. */
function commandOnBun(part) {
  const patterns = left.map((path) => path.endsWith(".ts") ? path : `${path}/**`);
  return [
    "bun",
    "test",
    `--timeout=${TEST_LIMIT_MS}`,
    `--shard=${part}/${BUN_PARTS}`,
    ...patterns.map((pattern) => `--path-ignore-patterns=${pattern}`),
    "./tests",
  ];
}

const partsOnBun = Array.from(
  { length: BUN_PARTS },
  (_, i) => [`part ${i + 1} of ${BUN_PARTS}, bun`, () => commandOnBun(i + 1)],
);

/** What to run, the longest first: a title that ends with the runtime, and what gives the command. */
const sections = {
  async node() {
    // Node 20 expands no globs.
    const files = await filesOf(join("dist", "tests"), "js", () => true);
    const atOnce = runtimes.length === 1 ? 2 : 1;
    return [
      "node",
      ...socket,
      "--test",
      `--test-concurrency=${atOnce}`,
      "--test-reporter=spec",
      ...files,
    ];
  },
  async deno() {
    const isWanted = (test) => !left.some((path) => `tests/${test}`.startsWith(path));
    // `npm run check` checks the types.
    return ["deno", "task", "test:files", "--no-check", ...await filesOf("tests", "ts", isWanted)];
  },
  ...Object.fromEntries(partsOnBun),
  // As above.
  "the examples of the documentation, deno": () => ["deno", "task", "test:doc", "--no-check"],
};

/** Runs a section; gives what is left to print. */
async function runSection(title, isShown) {
  const runtime = title.split(" ").at(-1);
  const { code: missing, stdout } = await run(runtime, ["--version"], { quiet: true });
  if (missing !== 0) {
    const reason = "it is not installed, and npm ci in .ci/tools does not bring it";
    if (asked.includes(runtime)) await tally.check(title, () => reason);
    else tally.skip(`tests on ${title}`, reason);
    return "";
  }
  const version = stdout.split("\n")[0].replace(/^deno /, "");
  const head = `\n======== tests on ${title} ${version} ========\n`;
  if (isShown) console.log(head);
  const startedAt = performance.now();
  const [command, ...args] = await sections[title]();
  const options = { quiet: !isShown, timeoutMs: LIMIT_MS, env: runtime === "node" ? {} : env };
  const { code, output } = await run(command, args, options);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  const tests = readTests(runtime, output);
  tally.add(tests, code);
  if (tests.failed > 0) {
    failures.push(`\n======== failed on ${title}\n${readFailures(runtime, output)}`);
  }
  skips.push(...tests.skips.map((skip) => ({ ...skip, title: `${skip.title} (${runtime})` })));
  return `${isShown ? "" : head + output}${title}: ${seconds} s\n`;
}

const skips = [];
const failures = [];
const titles = Object.keys(sections).filter((title) => runtimes.includes(title.split(" ").at(-1)));
if (runtimes.includes("node")) {
  const { code } = await run("node", [".ci/build.mjs", "--if-changed"]);
  if (code !== 0) {
    await tally.check("build", () => "the tests on Node need it");
    titles.shift();
  }
}
const [first] = titles;
const queue = [...titles];
const outputs = [];
async function takeSections() {
  for (let title = queue.shift(); title !== undefined; title = queue.shift()) {
    outputs.push(await runSection(title, title === first));
  }
}
await Promise.all([takeSections(), takeSections()]);
for (const folder of made) await rm(folder, { recursive: true, force: true });
for (const output of outputs) console.log(output);

if (left.length > 0 && runtimes.length > 1) {
  console.log(`on Node only, as they read the sources: ${left.join(", ")}`);
}
for (const { title, reason } of skips) console.log(`skip ${title}: ${reason}`);
await tally.check("every skipped test says why", () => {
  const silent = skips.filter(({ reason }) => reason === undefined);
  return silent.length === 0 ? undefined : silent.map(({ title }) => title).join("\n");
});
// Once more, where they are found.
for (const failure of failures) console.log(failure);
tally.end();
