import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import { all, assertTells, type Rule } from "./source_tree.ts";
import { lineOf, parse, visit } from "./syntax.ts";

const runtimeNames = ["Deno", "Bun", "process"];

const checkRuntimeNames: Rule = (source) => {
  if (/^(src\/(runtime|cli)\/|bin\/)/.test(source.path)) return [];
  const problems: string[] = [];
  visit(parse(source), (node) => {
    const isName = (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) &&
      (runtimeNames.includes(node.text) || node.text.startsWith("node:"));
    if (isName) problems.push(`${lineOf(node)} names ${node.text}`);
  });
  return problems;
};

test("runtime names stand in their places only", () => {
  assert.deepEqual(all(checkRuntimeNames), []);
  assertTells(checkRuntimeNames, [
    ["src/router.ts", "const n = Deno.pid;"],
    ["src/router.ts", "globalThis.process?.exit();"],
    ["src/router.ts", 'const b = globalThis["Bun"];'],
    ["src/http/mod.ts", 'import { join } from "node:path";'],
    ["workers/job_worker.ts", 'getBuiltinModule("node:worker_threads");'],
  ], [
    ["src/runtime/host.ts", "const n = Deno.pid;"],
    ["src/router.ts", "// Deno, Bun and process are fine in a comment\nconst deno = 1;"],
  ]);
});
