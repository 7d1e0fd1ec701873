// The same tests on each runtime: `node .ci/test.mjs [node] [deno] [bun]`, all three by default.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { createTally, isThere, root, run } from "./steps.mjs";

const tally = createTally("test");

/** Sums the first group of every match. */
function sum(text, pattern) {
  return [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
}

const sections = {
  async node() {
    const built = await run("node", [".ci/build.mjs"]);
    if (built.code !== 0) return tally.add(0, 1);
    // Node 20 expands no globs.
    const names = await readdir(join(root, "dist", "tests"), { recursive: true });
    const files = names.filter((name) => name.endsWith("_test.js")).sort()
      .map((name) => join("dist", "tests", name));
    const { code, output } = await run("node", ["--test", "--test-reporter=spec", ...files]);
    tally.add(sum(output, /^ℹ pass (\d+)/gm), sum(output, /^ℹ (?:fail|cancelled) (\d+)/gm), code);
  },
  async deno() {
    const { code, output } = await run("deno", ["task", "test"]);
    const line = "^(?:ok|FAILED) \\| ";
    tally.add(
      sum(output, new RegExp(line + "(\\d+) passed", "gm")),
      sum(output, new RegExp(line + ".*?\\| (\\d+) failed", "gm")),
      code,
    );
  },
  async bun() {
    const { code, output } = await run("bun", ["test", "./tests"]);
    tally.add(sum(output, /^ *(\d+) pass$/gm), sum(output, /^ *(\d+) (?:fail|error)s?$/gm), code);
  },
};

const asked = process.argv.slice(2);
for (const name of asked) {
  if (!(name in sections)) {
    console.error(`Cannot test on "${name}": wanted ${Object.keys(sections).join(", ")}`);
    process.exit(2);
  }
}
for (const name of asked.length > 0 ? asked : Object.keys(sections)) {
  const { stdout } = await run(name, ["--version"], { quiet: true });
  console.log(
    `\n======== tests on ${name} ${stdout.split("\n")[0].replace(/^deno /, "")} ========`,
  );
  if (await isThere(name)) await sections[name]();
  else await tally.check(name, () => "it is not installed: npm ci brings it");
}
console.log();
tally.end();
