import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import { all, assertTells, type Rule } from "./source_tree.ts";
import { lineOf, parse, visit } from "./syntax.ts";

/** Where promises belong: the side with the promises, what a job file may be, the edges of runtimes. */
const mayWait =
  /^(mod\.ts$|bin\/|workers\/|src\/(helix_router\.ts$|(create|define|map|runtime|transport|http|otel|simulation|testing|cli)\/))/;

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

const checkWaiting: Rule = (source) => {
  if (mayWait.test(source.path)) return [];
  const problems: string[] = [];
  visit(parse(source), (node) => {
    const found = waits(node);
    if (found === undefined) return;
    problems.push(`${lineOf(node)} waits: ${found}`);
  });
  return problems;
};

test("nothing from submit to settle waits for a promise", () => {
  assert.deepEqual(all(checkWaiting), []);
  assertTells(checkWaiting, [
    ["src/lanes/inline.ts", "class Inline { async accept() {} }"],
    ["src/lanes/inline.ts", "const f = async () => 1;"],
    ["src/lanes/batch.ts", "new Promise((resolve) => resolve(1));"],
    ["src/policy/threshold.ts", "Promise.resolve().then(() => 1);"],
    ["src/observe/metrics.ts", "await 1;"],
    ["src/policy/load.ts", "async function f() { for await (const x of y) f(x); }"],
    ["src/job/job.ts", "Promise.all([]);"],
    ["src/router.ts", "class Router { offer() { return new Promise(() => {}); } }"],
    ["src/router.ts", "const submit = 1; async function route() {}"],
    ["src/decision/decider.ts", "class Decider { async decide() {} }"],
    ["src/model/model.ts", "new Promise(() => {});"],
    ["src/submit/hints.ts", "await 1;"],
    ["src/clock.ts", "await 1;"],
  ], [
    ["src/lanes/inline.ts", "function f(p: Promise<1>) { p.then(done, failed); }"],
    ["src/helix_router.ts", "class HelixRouter { async run() { await 1; } }"],
    ["src/define/jobs.ts", "type Wait = () => Promise<1>; Promise.resolve(1);"],
  ]);
});
