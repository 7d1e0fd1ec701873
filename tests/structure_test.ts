// The shape of the source tree, read from its syntax: who may import whom, where runtime names may
// stand, where nothing may wait. Every rule is also fed a file that breaks it.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import ts from "typescript";

/** One source file, its path counted from the repository's root. */
interface Source {
  path: string;
  text: string;
}

/** One import or re-export; `target` is a path from the root, or a package name. */
interface Import {
  target: string;
  kind: "type" | "value" | "dynamic";
}

/** Says what is wrong with a file; nothing when all is well. */
type Rule = (source: Source) => string[];

/** Also right in dist/tests: the root is where deno.json is. */
function findRoot(): URL {
  let folder = new URL(".", import.meta.url);
  while (!existsSync(new URL("deno.json", folder))) folder = new URL("..", folder);
  return folder;
}

const root = findRoot();

function readSources(...places: string[]): Source[] {
  return places.flatMap((place) => {
    const url = new URL(place, root);
    if (!existsSync(url)) return [];
    if (place.endsWith(".ts")) return [{ path: place, text: readFileSync(url, "utf8") }];
    return readdirSync(url, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() || entry.name.endsWith(".ts") ? readSources(`${place}/${entry.name}`) : []
    );
  });
}

function parse({ path, text }: Source): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function lineOf(node: ts.Node): string {
  const file = node.getSourceFile();
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

function resolve(from: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

/** Only `import type` is erased: `import { type A }` still loads the module. */
function importsOf(source: Source): Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, kind: Import["kind"]) => {
    if (specifier !== undefined && ts.isStringLiteral(specifier)) {
      found.push({ target: resolve(source.path, specifier.text), kind });
    }
  };
  visit(parse(source), (node) => {
    if (ts.isImportDeclaration(node)) {
      add(node.moduleSpecifier, node.importClause?.isTypeOnly ? "type" : "value");
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, node.isTypeOnly ? "type" : "value");
    } else if (ts.isImportTypeNode(node)) {
      add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, "type");
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], "dynamic");
    }
  });
  return found;
}

const edges = ["http", "simulation", "cli"];

/** The part of the tree a path belongs to; "package" for what is not ours. */
function partOf(path: string): string {
  if (path === "mod.ts") return "mod";
  const [top, second, third] = path.split("/");
  if (top === "src") return third === undefined ? "core" : second;
  return ["workers", "bin"].includes(top) && path.endsWith(".ts") ? top : "package";
}

/** Packages, and where each may be named. */
const packages: { name: RegExp; where: RegExp }[] = [
  { name: /^hono(\/|$)/, where: /^src\/http\// },
  { name: /^@hono\/node-server$/, where: /^src\/runtime\/listen\.ts$/ },
  { name: /^@std\/async\//, where: /^src\/cli\/std_async\.ts$/ },
  { name: /^zod$/, where: /^src\/([^/]+|(http|simulation|cli)\/.*)$/ },
  { name: /^node:/, where: /^(src\/(runtime|cli)\/|bin\/|workers\/channel\.ts)/ },
];

/** Why `from` may not import this; undefined when it may. */
function refuse(from: string, { target, kind }: Import): string | undefined {
  const own = partOf(from);
  const part = partOf(target);
  if (part === "package") {
    const known = packages.find(({ name }) => name.test(target));
    return known?.where.test(from) ? undefined : "this package is not for this file";
  }
  if (part === own && own !== "core") return undefined;
  if (edges.includes(own)) {
    if (part === "mod" || target === "src/runtime/listen.ts") return undefined;
    // A worker-side job file must stay light.
    if (target === "src/jobs.ts" && /[/_]jobs\.ts$/.test(from)) return undefined;
    if (own === "cli" && edges.includes(part)) return undefined;
    if (from === "src/simulation/mod.ts" && part === "cli") return undefined;
    return "edges see the core through mod.ts only";
  }
  if (own === "bin") return part === "cli" ? undefined : "programs only start the CLI";
  if (edges.includes(part) || part === "bin" || part === "mod") {
    return "the core does not know its edges";
  }
  if (own === "mod") return part === "workers" ? "workers have their own entry point" : undefined;
  if (own === "policy" && kind !== "type") {
    // A policy refuses a wrong option by name.
    return target === "src/errors.ts" ? undefined : "policies import types only";
  }
  if (own === "lanes") {
    if (target === "src/router.ts") return "lanes do not know the router";
    if (part === "runtime" || part === "workers") {
      const known = ["src/runtime/port.ts", "workers/protocol.ts"].includes(target);
      return known && kind === "type" ? undefined : "lanes know ports and protocol as types only";
    }
  }
  if (own === "workers" && kind !== "type" && part !== "core" && part !== "lanes") {
    return "workers stay light";
  }
  return undefined;
}

const checkArrows: Rule = (source) =>
  importsOf(source).flatMap((found) => {
    const reason = refuse(source.path, found);
    return reason === undefined ? [] : [`${source.path} imports ${found.target}: ${reason}`];
  });

/** What a program that starts at `entry` loads, lazy imports left out. */
function reach(entry: string, sources: Source[]): Set<string> {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const seen = new Set<string>();
  const open = [entry];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    const source = byPath.get(path);
    if (source === undefined) continue;
    for (const { target, kind } of importsOf(source)) if (kind === "value") open.push(target);
  }
  return seen;
}

function checkReach(entry: string, sources: Source[], forbidden: RegExp): string[] {
  return [...reach(entry, sources)].filter((target) => forbidden.test(target))
    .map((target) => `${entry} loads ${target}`);
}

const runtimeNames = ["Deno", "Bun", "process"];

const checkRuntimeNames: Rule = (source) => {
  if (/^(src\/(runtime|cli)\/|bin\/|workers\/channel\.ts)/.test(source.path)) return [];
  const problems: string[] = [];
  visit(parse(source), (node) => {
    const isName = (ts.isIdentifier(node) || ts.isStringLiteralLike(node)) &&
      (runtimeNames.includes(node.text) || node.text.startsWith("node:"));
    if (isName) problems.push(`${lineOf(node)} names ${node.text}`);
  });
  return problems;
};

const checkFileName: Rule = ({ path }) =>
  path.split("/").some((name) =>
      /^(utils?|helpers?|common|types|constants|misc)(\.ts)?$/.test(name)
    )
    ? [`${path} says nothing about what is in it`]
    : [];

/** Files that may be longer than 300 lines, and why. */
const longFiles: Record<string, string> = {};

const checkLength: Rule = ({ path, text }) => {
  const lines = text.split("\n").length - 1;
  return lines > 300 && !(path in longFiles) ? [`${path} has ${lines} lines, limit 300`] : [];
};

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

const sources = readSources("mod.ts", "src", "workers", "bin");
const all = (rule: Rule): string[] => sources.flatMap(rule);

/** Fails unless the rule reports each of the wrong files and none of the right ones. */
function assertTells(rule: Rule, wrong: [string, string][], right: [string, string][]): void {
  for (const [path, text] of wrong) {
    assert.notDeepEqual(rule({ path, text }), [], `not reported: ${path}: ${text}`);
  }
  for (const [path, text] of right) assert.deepEqual(rule({ path, text }), []);
}

test("the source tree is found", () => {
  assert.ok(sources.some(({ path }) => path === "mod.ts"));
  assert.ok(sources.some(({ path }) => path === "src/jobs.ts"));
});

test("imports follow the arrows", () => {
  assert.deepEqual(all(checkArrows), []);
  assertTells(checkArrows, [
    ["src/http/mod.ts", 'import { Router } from "../router.ts";'],
    ["src/http/mod.ts", 'import type { Router } from "../router.ts";'],
    ["src/http/mod.ts", 'import { simulate } from "../simulation/mod.ts";'],
    ["src/simulation/report.ts", 'import { print } from "../cli/print.ts";'],
    ["src/simulation/trace.ts", 'import { defineJobs } from "../jobs.ts";'],
    ["src/cli/serve.ts", 'import { host } from "../runtime/host.ts";'],
    ["src/cli/serve.ts", 'import { delay } from "@std/async/delay";'],
    ["src/router.ts", 'import { createHttpApp } from "./http/mod.ts";'],
    ["src/router.ts", 'export { simulate } from "./simulation/mod.ts";'],
    ["src/router.ts", 'await import("./cli/main.ts");'],
    ["src/router.ts", 'import { Hono } from "hono";'],
    ["src/router.ts", 'import express from "express";'],
    ["src/metrics/metrics.ts", 'import { Router } from "../../mod.ts";'],
    ["src/policy/threshold.ts", 'import { laneLoad } from "../load.ts";'],
    ["src/policy/threshold.ts", 'import { type Load } from "../load.ts";'],
    ["src/lanes/inline.ts", 'import { z } from "zod";'],
    ["src/lanes/cpu_pool/pool.ts", 'import { WebPort } from "../../runtime/web_port.ts";'],
    ["src/lanes/cpu_pool/pool.ts", 'import { version } from "../../../workers/protocol.ts";'],
    ["src/lanes/inline.ts", 'import type { Router } from "../router.ts";'],
    ["workers/serve.ts", 'import { workerUrl } from "../src/runtime/worker_url.ts";'],
    ["mod.ts", 'export { createHttpApp } from "./src/http/mod.ts";'],
    ["bin/helixrouter.ts", 'import { createRouter } from "../mod.ts";'],
  ], [
    [
      "src/http/mod.ts",
      'import { Hono } from "hono"; import { createRouter } from "../../mod.ts";',
    ],
    ["src/simulation/jobs.ts", 'import { defineJobs } from "../jobs.ts";'],
    ["src/simulation/mod.ts", 'await import("../cli/main.ts");'],
    ["src/policy/threshold.ts", 'import type { Load } from "../load.ts";'],
    ["src/lanes/cpu_pool/pool.ts", 'import type { Port } from "../../runtime/port.ts";'],
    ["bin/helixrouter.ts", 'import { main } from "../src/cli/main.ts";'],
  ]);
});

test("workers load no schema library, and mod.ts loads no edge", () => {
  const light = [
    "src/jobs.ts",
    "src/simulation/jobs.ts",
    "workers/serve.ts",
    "workers/job_worker.ts",
  ];
  const heavy = /^(zod$|src\/(router|options)\.ts$)/;
  for (const entry of light) assert.deepEqual(checkReach(entry, sources, heavy), []);
  const edge = /hono|^src\/(http|simulation|cli)\//;
  assert.deepEqual(checkReach("mod.ts", sources, edge), []);

  const chain = [
    { path: "a.ts", text: 'import "./b.ts"; import type { T } from "./d.ts";' },
    { path: "b.ts", text: 'export { x } from "./c.ts";' },
    { path: "c.ts", text: 'import { z } from "zod";' },
    { path: "d.ts", text: 'import "hono"; const lazy = () => import("hono");' },
  ];
  assert.deepEqual(checkReach("a.ts", chain, /zod|hono/), ["a.ts loads zod"]);
});

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

test("files are named for what is in them, and stay short", () => {
  assert.deepEqual(all(checkFileName), []);
  assert.deepEqual(all(checkLength), []);
  const long = "\n".repeat(301);
  assertTells(checkFileName, [["src/utils.ts", ""], ["src/common/queue.ts", ""]], [[
    "src/a.ts",
    "",
  ]]);
  assertTells(checkLength, [["src/a.ts", long]], [["src/a.ts", long.slice(1)]]);
  for (const path of Object.keys(longFiles)) assert.ok(existsSync(new URL(path, root)), path);
});
