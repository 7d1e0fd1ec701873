import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import { all, assertTells, type Rule } from "./source_tree.ts";
import { lineOf, parse, visit } from "./syntax.ts";

const neverWaits = /^src\/((lanes|policy|metrics)\/|(load|job)\.ts$)/;

/** The functions of src/router.ts that may give or await a promise. */
const mayWait = ["submit", "run", "drain", "close"];

function waits(node: ts.Node): string | undefined {
  if (node.kind === ts.SyntaxKind.AsyncKeyword) return "async";
  if (ts.isAwaitExpression(node)) return "await";
  if (ts.isForOfStatement(node) && node.awaitModifier) return "for await";
  const isPromise = (expression: ts.Expression) =>
    ts.isIdentifier(expression) && expression.text === "Promise";
  if (ts.isNewExpression(node) && isPromise(node.expression)) return "new Promise";
  // A user's thenable may be asked with .then(); Promise.resolve().then() begins with Promise.
  if (ts.isPropertyAccessExpression(node) && isPromise(node.expression)) return node.getText();
  return undefined;
}

function nameOfFunction(node: ts.Node): string | undefined {
  const isFunction = ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node);
  return isFunction ? node.name?.getText() : undefined;
}

const checkWaiting: Rule = (source) => {
  const isRouter = source.path === "src/router.ts";
  if (!isRouter && !neverWaits.test(source.path)) return [];
  const problems: string[] = [];
  visit(parse(source), (node) => {
    const found = waits(node);
    if (found === undefined) return;
    for (let outer = node; isRouter && outer !== undefined; outer = outer.parent) {
      if (mayWait.includes(nameOfFunction(outer) ?? "")) return;
    }
    problems.push(`${lineOf(node)} waits: ${found}`);
  });
  return problems;
};

test("lanes, policies and metrics never wait, the router only at its edge", () => {
  assert.deepEqual(all(checkWaiting), []);
  assertTells(checkWaiting, [
    ["src/lanes/inline.ts", "class Inline { async accept() {} }"],
    ["src/lanes/inline.ts", "const f = async () => 1;"],
    ["src/lanes/batch.ts", "new Promise((resolve) => resolve(1));"],
    ["src/policy/threshold.ts", "Promise.resolve().then(() => 1);"],
    ["src/metrics/metrics.ts", "await 1;"],
    ["src/load.ts", "async function f() { for await (const x of y) f(x); }"],
    ["src/job.ts", "Promise.all([]);"],
    ["src/router.ts", "class Router { offer() { return new Promise(() => {}); } }"],
    ["src/router.ts", "const submit = 1; async function route() {}"],
  ], [
    ["src/lanes/inline.ts", "function f(p: Promise<1>) { p.then(done, failed); }"],
    ["src/router.ts", "class Router { submit() { return new Promise(() => {}); } }"],
    ["src/router.ts", "class Router { async close() { await this.drain(); } }"],
    ["src/clock.ts", "await 1;"],
  ]);
});
