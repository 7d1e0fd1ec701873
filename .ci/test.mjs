// The same tests on each runtime: `node .ci/test.mjs [node] [deno] [bun]`, all three by default.
// Two at a time, as most of them mostly wait: two files on Node, then Deno beside Bun.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createTally, isThere, root, run } from "./steps.mjs";

const tally = createTally("test");

/** Tests that only read the sources: where Node tells of them, no other runtime need tell the same. */
const ofSources = ["tests/structure", "tests/types_test.ts"];

/** Sums the first group of every match. */
function sum(text, pattern) {
  return [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
}

/** Each runs the tests, all but `leftOut`, counts them, and gives what was printed. */
const sections = {
  async node(options) {
    const built = await run("node", [".ci/build.mjs", "--if-changed"]);
    if (built.code !== 0) {
      tally.add(0, 1);
      return built.output;
    }
    // Node 20 expands no globs.
    const names = await readdir(join(root, "dist", "tests"), { recursive: true });
    const files = names.filter((name) => name.endsWith("_test.js")).sort()
      .map((name) => join("dist", "tests", name));
    const flags = ["--test", "--test-concurrency=2", "--test-reporter=spec"];
    const { code, output } = await run("node", [...flags, ...files], options);
    tally.add(sum(output, /^ℹ pass (\d+)/gm), sum(output, /^ℹ (?:fail|cancelled) (\d+)/gm), code);
    return output;
  },
  async deno(options, leftOut) {
    const flags = leftOut.length === 0 ? [] : [`--ignore=${leftOut.join()}`];
    const { code, output } = await run("deno", ["task", "test", ...flags], options);
    const line = "^(?:ok|FAILED) \\| ";
    tally.add(
      sum(output, new RegExp(line + "(\\d+) passed", "gm")),
      sum(output, new RegExp(line + ".*?\\| (\\d+) failed", "gm")),
      code,
    );
    return output;
  },
  async bun(options, leftOut) {
    const patterns = leftOut.map((path) => path.endsWith(".ts") ? path : `${path}/**`);
    const flags = patterns.map((pattern) => `--path-ignore-patterns=${pattern}`);
    const { code, output } = await run("bun", ["test", ...flags, "./tests"], options);
    tally.add(sum(output, /^ *(\d+) pass$/gm), sum(output, /^ *(\d+) (?:fail|error)s?$/gm), code);
    return output;
  },
};

const asked = process.argv.slice(2);
for (const name of asked) {
  if (!(name in sections)) {
    console.error(`Cannot test on "${name}": wanted ${Object.keys(sections).join(", ")}`);
    process.exit(2);
  }
}

async function announce(name) {
  const { stdout } = await run(name, ["--version"], { quiet: true });
  console.log(
    `\n======== tests on ${name} ${stdout.split("\n")[0].replace(/^deno /, "")} ========`,
  );
}

/** Runs the tests on one runtime; gives what it printed and how long it took. */
async function test(name, { quiet = false, leftOut = [] } = {}) {
  const startedAt = performance.now();
  if (!await isThere(name)) {
    await tally.check(name, () => "it is not installed: npm ci brings it");
    return { output: "", took: "" };
  }
  const output = await sections[name]({ quiet }, leftOut);
  const took = `tests on ${name} took ${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  if (!quiet) console.log(took);
  return { output, took };
}

const names = asked.length > 0 ? asked : Object.keys(sections);
if (names.includes("node")) {
  await announce("node");
  await test("node");
}
const leftOut = names.includes("node") ? ofSources : [];
const [first, ...others] = names.filter((name) => name !== "node");
const later = others.map((name) => ({ name, tested: test(name, { quiet: true, leftOut }) }));
if (first !== undefined) {
  await announce(first);
  await test(first, { leftOut });
}
for (const { name, tested } of later) {
  await announce(name);
  const { output, took } = await tested;
  console.log(output + took);
}
if (first !== undefined && leftOut.length > 0) {
  console.log(`on Node only: ${leftOut.join(" and ")}, which read the sources`);
}
console.log();
tally.end();
