// Puts test files together: most of what many of them cost is to load what they import, on Node in a process
// for each file, on Deno in an isolate. The files of a folder become one that imports them. What fails is
// told by the file and the line where it stands. On Bun many files are in one process anyway.
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** What looks at all that its process or isolate holds, or registers something there. */
const ALONE = ["lifecycle/nothing_pending_test.", "model/memory_test.", "otel/"];

/** The test files in a folder: their paths from there, with slashes. */
export async function findTests(folder, extension) {
  const names = await readdir(folder, { recursive: true });
  return names.map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(`_test.${extension}`)).sort();
}

/**
 * Puts tests of a folder together.
 *
 * @returns `paths`, the files to run; `made`, a folder with those that were made, for the caller to remove.
 */
export async function groupTests(folder, tests) {
  const made = await mkdtemp(join(tmpdir(), "helixrouter-tests-"));
  const groups = new Map();
  for (const test of tests) {
    const isAlone = ALONE.some((start) => test.startsWith(start));
    const [first, second] = test.split("/");
    const name = isAlone ? test : second === undefined ? "tests" : first;
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(join(folder, test));
  }
  const paths = [];
  for (const [name, files] of groups) {
    if (files.length === 1) {
      paths.push(files[0]);
      continue;
    }
    const path = join(made, `${name}_test.mjs`);
    await writeFile(path, files.map((file) => `import "${pathToFileURL(file)}";\n`).join(""));
    paths.push(path);
  }
  return { paths, made };
}
