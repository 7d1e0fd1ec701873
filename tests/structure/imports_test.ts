import assert from "node:assert/strict";
import { test } from "node:test";
import { all, assertTells, type Rule } from "./source_tree.ts";
import { type Import, importsOf } from "./syntax.ts";

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
  { name: /^uplot(\/|$)/, where: /^src\/http\/dashboard\/page\// },
  { name: /^@logtape\/logtape$/, where: /^src\/cli\/log\.ts$/ },
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
  const page = "src/http/dashboard/page/";
  if (target.startsWith(page) && !from.startsWith(page)) return "the page runs in browsers only";
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

test("imports follow the arrows", () => {
  assert.deepEqual(all(checkArrows), []);
  assertTells(checkArrows, [
    ["src/http/mod.ts", 'import { Router } from "../router.ts";'],
    ["src/http/mod.ts", 'import type { Router } from "../router.ts";'],
    ["src/http/mod.ts", 'import { simulate } from "../simulation/mod.ts";'],
    ["src/http/app.ts", 'import { Client } from "./dashboard/page/client.ts";'],
    ["src/http/app.ts", 'import uPlot from "uplot";'],
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
    ["src/http/dashboard/page/a.ts", 'import uPlot from "uplot"; import "./b.ts";'],
    ["src/simulation/jobs.ts", 'import { defineJobs } from "../jobs.ts";'],
    ["src/simulation/mod.ts", 'await import("../cli/main.ts");'],
    ["src/policy/threshold.ts", 'import type { Load } from "../load.ts";'],
    ["src/lanes/cpu_pool/pool.ts", 'import type { Port } from "../../runtime/port.ts";'],
    ["bin/helixrouter.ts", 'import { main } from "../src/cli/main.ts";'],
  ]);
});
