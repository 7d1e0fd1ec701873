import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import { all, assertTells, type Rule } from "./source_tree.ts";
import { lineOf, parse, visit } from "./syntax.ts";

/** What tests replace by fakes that stand still. */
const FAKED = [
  ..."setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate".split(" "),
  ..."queueMicrotask performance MessageChannel Date".split(" "),
];

/** A file must have its own binding of such a name, made when the file is loaded. */
const checkKeptGlobals: Rule = (source) => {
  // A page and a command line are programs of their own; a Date of a given moment tells no time.
  if (/^(src\/(cli|http\/dashboard\/page)\/|bin\/)/.test(source.path)) return [];
  const file = parse(source);
  const kept = new Set<string>();
  const used: ts.Identifier[] = [];
  visit(file, (node) => {
    if (ts.isImportSpecifier(node)) kept.add(node.name.text);
    if (ts.isBindingElement(node) || ts.isVariableDeclaration(node) || ts.isParameter(node)) {
      if (ts.isIdentifier(node.name)) kept.add(node.name.text);
    }
    if (!ts.isIdentifier(node) || !FAKED.includes(node.text)) return;
    const { parent } = node;
    const isUsed = ts.isCallExpression(parent) && parent.expression === node ||
      ts.isPropertyAccessExpression(parent) && parent.expression === node &&
        parent.name.text !== "UTC" ||
      ts.isNewExpression(parent) && parent.expression === node &&
        !(node.text === "Date" && parent.arguments?.length === 1);
    if (isUsed) used.push(node);
  });
  return used.filter((node) => !kept.has(node.text)).map((node) =>
    `${lineOf(node)} uses the global ${node.text} as it is when called: tests replace it`
  );
};

test("globals that tests replace are kept when a file is loaded", () => {
  assert.deepEqual(all(checkKeptGlobals), []);
  assertTells(checkKeptGlobals, [
    ["src/router.ts", "setTimeout(() => {}, 1);"],
    ["src/router.ts", "const ms = performance.now();"],
    ["src/router.ts", "const day = new Date();"],
    ["src/router.ts", "const ms = Date.now();"],
  ], [
    ["src/router.ts", "const { setTimeout } = globalThis; setTimeout(() => {}, 1);"],
    ["src/router.ts", 'import { setTimeout } from "./kept_time.ts"; setTimeout(() => {}, 1);'],
    ["src/router.ts", "const day = new Date(ms);"],
    ["src/cli/output.ts", "setTimeout(() => {}, 1);"],
  ]);
});
