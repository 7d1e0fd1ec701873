// The same tests on each runtime: `node .ci/test.mjs [node] [deno] [bun]`, all three by default.
// Two things run at a time, as most tests mostly wait: on Node alone two files, else Node beside the
// other runtimes. What each prints comes in one piece.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { installTools } from "./install_tools.mjs";
import { createTally, isThere, root, run } from "./steps.mjs";

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

/** Tests that only read the sources: where Node tells of them, no other runtime need tell the same. */
const ofSources = runtimes.includes("node")
  ? ["tests/structure", "tests/define/types_test.ts"]
  : [];

/** Sums the first group of every match. */
function sum(text, pattern) {
  return [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
}

function countDeno({ code, output }) {
  const line = "^(?:ok|FAILED) \\| ";
  tally.add(
    sum(output, new RegExp(line + "(\\d+) passed", "gm")),
    sum(output, new RegExp(line + ".*?\\| (\\d+) failed", "gm")),
    code,
  );
}

/** Each runs tests, counts them, and gives what was printed. */
const sections = {
  async node(options) {
    const built = await run("node", [".ci/build.mjs", "--if-changed"]);
    if (built.code !== 0) {
      tally.add(0, 1);
      return built;
    }
    // Node 20 expands no globs.
    const names = await readdir(join(root, "dist", "tests"), { recursive: true });
    const files = names.filter((name) => name.endsWith("_test.js")).sort()
      .map((name) => join("dist", "tests", name));
    const atOnce = runtimes.length === 1 ? 2 : 1;
    const flags = ["--test", `--test-concurrency=${atOnce}`, "--test-reporter=spec"];
    const ended = await run("node", [...flags, ...files], options);
    const { code, output } = ended;
    tally.add(sum(output, /^ℹ pass (\d+)/gm), sum(output, /^ℹ (?:fail|cancelled) (\d+)/gm), code);
    return ended;
  },
  async deno(options) {
    const flags = ofSources.length === 0 ? [] : [`--ignore=${ofSources.join()}`];
    const ended = await run("deno", ["task", "test:files", ...flags], options);
    countDeno(ended);
    return ended;
  },
  async bun(options) {
    const patterns = ofSources.map((path) => path.endsWith(".ts") ? path : `${path}/**`);
    const flags = patterns.map((pattern) => `--path-ignore-patterns=${pattern}`);
    const ended = await run("bun", ["test", ...flags, "./tests"], options);
    const { code, output } = ended;
    tally.add(sum(output, /^ *(\d+) pass$/gm), sum(output, /^ *(\d+) (?:fail|error)s?$/gm), code);
    return ended;
  },
  async "the examples of the documentation, deno"(options) {
    const ended = await run("deno", ["task", "test:doc"], options);
    countDeno(ended);
    return ended;
  },
};

/** Runs a section; gives a function that prints what it has not printed yet. */
async function runSection(title, isShown) {
  const name = title.split(" ").at(-1);
  const { stdout } = await run(name, ["--version"], { quiet: true });
  const version = stdout.split("\n")[0].replace(/^deno /, "");
  const head = `\n======== tests on ${title} ${version} ========`;
  if (isShown) console.log(head);
  const startedAt = performance.now();
  const isMissing = !await isThere(name);
  const options = { quiet: !isShown, timeoutMs: LIMIT_MS };
  const { output } = isMissing ? { output: "" } : await sections[title](options);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  return async () => {
    if (!isShown) console.log(`${head}\n${output}`);
    const reason = "it is not installed, and npm ci in .ci/tools did not bring it";
    if (isMissing && asked.includes(name)) await tally.check(name, () => reason);
    else if (isMissing) tally.skip(name, reason);
    else console.log(`${title}: ${seconds} s`);
  };
}

const titles = Object.keys(sections).filter((title) => runtimes.includes(title.split(" ").at(-1)));
const [first, ...others] = titles;
const printers = [];
const beside = (async () => {
  for (const title of others) printers.push(await runSection(title, false));
})();
const shown = await runSection(first, true);
await beside;
for (const print of [shown, ...printers]) await print();
if (ofSources.length > 0 && runtimes.length > 1) {
  console.log(`\non Node only, as they read the sources: ${ofSources.join(", ")}`);
}
console.log();
tally.end();
