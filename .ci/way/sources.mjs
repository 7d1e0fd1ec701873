// The sources of a program, and where they are rewritten to.
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import ts from "typescript";
import { root } from "../steps.mjs";
import { instrument } from "./instrument.mjs";

export const RECORDER = new URL("recorder.mjs", import.meta.url).href;

/** What the entries import, and what that imports; packages left out. */
export async function readSources(entries) {
  const paths = new Set(entries.map((entry) => posix.normalize(entry)));
  const sources = [];
  for (const path of paths) { // grows as it is read
    const text = await readFile(join(root, path), "utf8");
    sources.push({ path, text });
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (fileName.startsWith(".")) paths.add(posix.join(posix.dirname(path), fileName));
    }
  }
  return sources;
}

/** Where a source is in the folder. */
export function scriptOf(path) {
  return posix.normalize(path).replace(/\.ts$/, ".js");
}

/** Writes sources into a folder, rewritten and as JavaScript; gives their functions. */
export async function writeSources(folder, sources) {
  const settings = ts.readConfigFile(join(root, "tsconfig.build.json"), ts.sys.readFile).config;
  const { options } = ts.convertCompilerOptionsFromJson(settings.compilerOptions, root);
  const functions = [];
  for (const source of sources) {
    const target = join(folder, scriptOf(source.path));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, instrument(source, functions, RECORDER, options));
  }
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await symlink(join(root, "node_modules"), join(folder, "node_modules"), "junction");
  return functions;
}
