// Another commit of this repository, to be measured by the benchmarks of this checkout.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { moduleFolder, moduleUrl, rootFolder, sourceFolder } from "../place.ts";
import { runtime } from "../runtime.ts";

const root = fileURLToPath(rootFolder);

/** A commit that can be measured. */
export interface Commit {
  readonly hash: string;
  /** The program of a child that measures it. */
  readonly program: URL;
}

/** Commits with a name: routers that later ones are compared with. */
const NAMED: Readonly<Record<string, string>> = {
  "threshold-0.1": "281494b0d070f0a2e45c61141c89bc58c7cfc19f",
};

/** The full hash of a commit, or of one with a name. @throws {TypeError} If there is no such commit. */
export async function hashOf(name: string): Promise<string> {
  try {
    const commit = Object.hasOwn(NAMED, name) ? NAMED[name] : name;
    return (await run("git", ["rev-parse", "--verify", `${commit}^{commit}`], root)).trim();
  } catch (cause) {
    throw new TypeError(`Cannot compare with "${name}": git finds no such commit`, { cause });
  }
}

/**
 * Lays a commit into a folder of its own, with its dependencies, built if this runtime runs the build.
 * The folder is kept for the next run. Whatever is there, its benchmarks become those of this checkout:
 * they find the library of the tree they lie in, on both threads, so nothing but that differs.
 */
export async function openCommit(hash: string): Promise<Commit> {
  const tree = join(tmpdir(), "helixrouter-bench", await ownKey(), hash);
  if (!existsSync(tree)) await create(tree, hash);
  for (const folder of new Set([fileURLToPath(sourceFolder), fileURLToPath(moduleFolder)])) {
    const copy = join(tree, relative(root, folder));
    await rm(copy, { recursive: true, force: true });
    await cp(folder, copy, { recursive: true, filter: (path) => !path.endsWith("node_modules") });
  }
  const program = relative(root, fileURLToPath(moduleUrl("child")));
  return { hash, program: pathToFileURL(join(tree, program)) };
}

/** Checkouts do not share a folder, nor runtimes, nor one checkout with other dependencies. */
async function ownKey(): Promise<string> {
  const hash = createHash("sha256").update(`${root}\n${runtime.name}\n`);
  return hash.update(await lockOf(root)).digest("hex").slice(0, 12);
}

/** A run that ends before it is complete leaves nothing under the final name. */
async function create(tree: string, hash: string): Promise<void> {
  const part = `${tree}.part`;
  const archive = `${tree}.tar`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true, mode: 0o700 });
  await run("git", ["archive", `--output=${archive}`, hash], root);
  await run("tar", ["-xf", archive, "-C", part], root);
  await rm(archive);
  if (runtime.name !== "deno") await bringDependencies(part); // Deno has them in its own cache
  if (runtime.name === "node") await run("npm", ["run", "build"], part);
  await rename(part, tree);
}

async function bringDependencies(tree: string): Promise<void> {
  if (await lockOf(tree) === await lockOf(root)) {
    await symlink(join(root, "node_modules"), join(tree, "node_modules"), "junction");
  } else {
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], tree);
  }
}

function lockOf(folder: string): Promise<string> {
  return readFile(join(folder, "package-lock.json"), "utf8");
}

async function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  return (await promisify(execFile)(command, [...args], { cwd })).stdout;
}
