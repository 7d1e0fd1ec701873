import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";
import { runtimeInfo } from "../mod.ts";
import { readWorkload } from "../src/simulation/mod.ts";

/** Also right in dist/tests: the root is where deno.json is. */
function findRoot(): string {
  let folder = new URL(".", import.meta.url);
  while (!existsSync(new URL("deno.json", folder))) folder = new URL("..", folder);
  return fileURLToPath(folder);
}

/** Node 20 reads no TypeScript. */
const readsTypeScript = runtimeInfo().name !== "node";

/** The TypeScript blocks of a text; one may begin with a comment that says its file name. */
function blocksOf(markdown: string): { name: string | undefined; code: string }[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => ({
    name: /^\/\/ ([\w./-]+\.ts)\b/.exec(code)?.[1],
    code,
  }));
}

/** Writes the code as this runtime can read it; gives the file's path. */
function write(folder: string, name: string, code: string): string {
  const path = join(folder, readsTypeScript ? name : name.replace(/\.ts$/, ".mjs"));
  if (readsTypeScript) {
    writeFileSync(path, code);
    return path;
  }
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  writeFileSync(path, outputText.replace(/(["'])(\.{1,2}\/[^"']*)\.ts\1/g, "$1$2.mjs$1"));
  return path;
}

test("the first example of the README runs as it stands", { timeout: 60_000 }, async () => {
  const root = findRoot();
  const blocks = blocksOf(readFileSync(join(root, "README.md"), "utf8"));
  const example = blocks.find(({ code }) => code.includes("createRouter"));
  assert.ok(example !== undefined, "README.md has an example with createRouter");
  // Inside the project, so that it finds the package by its own name.
  const folder = mkdtempSync(join(root, ".readme-"));
  try {
    for (const { name, code } of [...blocks].reverse()) {
      if (name !== undefined) write(folder, name.replace(/^.*\//, ""), code);
    }
    const path = write(folder, (example.name ?? "readme.ts").replace(/^.*\//, ""), example.code);
    await import(pathToFileURL(path).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the examples of the laboratory's guide run as they stand", { timeout: 60_000 }, async () => {
  const root = findRoot();
  const guide = readFileSync(join(root, "docs/laboratory.md"), "utf8");
  const folder = mkdtempSync(join(root, ".readme-"));
  try {
    const blocks = blocksOf(guide);
    assert.ok(blocks.length > 0);
    for (const [index, { code }] of blocks.entries()) {
      await import(pathToFileURL(write(folder, `guide_${index}.ts`, code)).href);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const [, json] = /^```json\n(.*?)^```/ms.exec(guide)!;
  assert.equal(readWorkload(JSON.parse(json)).name, "mine");
});

test("the examples of a text are found, with their file names", () => {
  const text =
    "```sh\nls\n```\n```ts\n// jobs.ts: the jobs\nlet a;\n```\ntext\n```ts\nlet b;\n```\n";
  assert.deepEqual(blocksOf(text), [
    { name: "jobs.ts", code: "// jobs.ts: the jobs\nlet a;\n" },
    { name: undefined, code: "let b;\n" },
  ]);
});
