// Makes the tarball that is published on npm, in this folder: `node .ci/tarball.mjs`. With `--release TAG`
// it first looks whether what is to be published is what the tag says.
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pack } from "./packed.mjs";
import { manifest } from "./repository.mjs";
import { root, run } from "./steps.mjs";

const [flag, tag] = process.argv.slice(2);
const problem = flag === "--release" ? await objectionToRelease() : undefined;
if (problem !== undefined) {
  console.error(`Cannot release: ${problem}`);
  process.exit(1);
}
const { code } = await run("node", [".ci/build.mjs", "--if-changed"]);
if (code !== 0) process.exit(code);
const folder = await mkdtemp(join(tmpdir(), "helixrouter-tarball-"));
const { contents, problem: wrong } = await pack(folder);
if (wrong === undefined) {
  await cp(join(folder, contents.filename), join(root, contents.filename));
  console.log(contents.filename);
} else console.error(wrong);
await rm(folder, { recursive: true });
process.exitCode = wrong === undefined ? 0 : 1;

async function objectionToRelease() {
  if (tag !== `v${manifest.version}`) {
    return `the tag is ${tag}, package.json has ${manifest.version}`;
  }
  if (JSON.stringify(manifest).includes("OWNER")) return "package.json still names OWNER";
  const { version } = JSON.parse(await readFile(join(root, "deno.json"), "utf8"));
  if (version !== manifest.version) return `deno.json has ${version}`;
  const changes = await readFile(join(root, "CHANGELOG.md"), "utf8");
  if (!changes.includes(`## ${version}`)) return `CHANGELOG.md says nothing of ${version}`;
}
