// The same tests on each runtime: `node .ci/test.mjs [node] [deno] [bun]`, all three by default.
// Two things run at a time, as most tests mostly wait: on Node alone two files, else two sections. What
// a section prints comes in one piece.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { installTools } from "./install_tools.mjs";
import { createTally, root, run } from "./steps.mjs";
import { readFailures, readTests } from "./test_output.mjs";

/** A section that takes longer hangs; on a busy machine the whole takes its time. */
const LIMIT_MS = 1_200_000;

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

/** What to run, the longest first: a title that ends with the runtime, and what gives the command. */
const sections = {
  async node() {
    // Node 20 expands no globs.
    const names = await readdir(join(root, "dist", "tests"), { recursive: true });
    const files = names.filter((name) => name.endsWith("_test.js")).sort()
      .map((name) => join("dist", "tests", name));
    const atOnce = runtimes.length === 1 ? 2 : 1;
    return ["node", "--test", `--test-concurrency=${atOnce}`, "--test-reporter=spec", ...files];
  },
  deno() {
    const flags = left.length === 0 ? [] : [`--ignore=${left.join()}`];
    // `npm run check` checks the types.
    return ["deno", "task", "test:files", "--no-check", ...flags];
  },
  bun() {
    const patterns = left.map((path) => path.endsWith(".ts") ? path : `${path}/**`);
    return [
      "bun",
      "test",
      ...patterns.map((pattern) => `--path-ignore-patterns=${pattern}`),
      "./tests",
    ];
  },
  "the examples of the documentation, deno": () => ["deno", "task", "test:doc"],
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
  const { code, output } = await run(command, args, { quiet: !isShown, timeoutMs: LIMIT_MS });
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
