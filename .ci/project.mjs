// Projects of strangers for the checks by their tools: the packed package, installed beside the tools. It is
// packed anew, unless HELIX_TARBALL names a tarball.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { pack } from "./packed.mjs";

const folders = [];
let tarball;

/** An empty folder with these files, which `removeFolders()` removes. */
export async function makeFolder(files = {}) {
  const folder = await mkdtemp(join(tmpdir(), "helixrouter-tools-"));
  folders.push(folder);
  const manifest = '{ "private": true, "type": "module" }\n';
  for (const [name, text] of Object.entries({ "package.json": manifest, ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** A folder with these files, the package and those of npm; `undefined` if they cannot be installed. */
export async function makeProject(tally, files, packages) {
  tarball ??= packOnce(tally);
  const cwd = await makeFolder(files);
  const flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"];
  const title = `${packages[0] ?? "the package"} installs`;
  const args = ["install", ...flags, await tarball, ...packages];
  return await tally.command(title, "npm", args, { cwd }) ? cwd : undefined;
}

async function packOnce(tally) {
  const { HELIX_TARBALL } = process.env;
  if (HELIX_TARBALL !== undefined && existsSync(HELIX_TARBALL)) return HELIX_TARBALL;
  await tally.command("npm run build", "node", [".ci/build.mjs", "--if-changed"]);
  const folder = await makeFolder();
  const { contents, problem } = await pack(folder);
  if (problem !== undefined) throw new Error(problem);
  return join(folder, contents.filename);
}

export async function removeFolders() {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
}

/** Runs the checks that are named on the command line, or all, and ends. */
export async function runChecks(tally, checks, asked) {
  try {
    for (const name of asked.length === 0 ? Object.keys(checks) : asked) await checks[name]();
  } finally {
    await removeFolders();
  }
  tally.end();
}
