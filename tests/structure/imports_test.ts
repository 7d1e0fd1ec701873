import assert from "node:assert/strict";
import { test } from "node:test";
import { all, assertTells, type Rule, sources } from "./source_tree.ts";
import { EDGES, roomOf, ROOMS } from "./rooms.ts";
import { type Import, importsOf } from "./syntax.ts";

/** Packages, and where each may be named. */
const packages: { name: RegExp; where: RegExp; kind?: "type" }[] = [
  { name: /^hono(\/|$)/, where: /^src\/http\// },
  { name: /^@hono\/node-server$/, where: /^src\/runtime\/listen\.ts$/ },
  { name: /^uplot(\/|$)/, where: /^src\/http\/dashboard\/page\// },
  { name: /^vega(-lite)?$/, where: /^src\/cli\/compare\/plot\.ts$/ },
  { name: /^@logtape\/logtape$/, where: /^src\/cli\/log\.ts$/ },
  { name: /^@std\/async\//, where: /^src\/cli\/std_async\.ts$/ },
  { name: /^zod$/, where: /^src\/http\// },
  { name: /^@opentelemetry\/api$/, where: /^src\/otel\//, kind: "type" },
  { name: /^node:/, where: /^(src\/(runtime|cli)\/|bin\/)/ },
];

/** Why `from` may not import this; undefined when it may. */
function refuse(from: string, { target, kind }: Import): string | undefined {
  const own = roomOf(from);
  const room = roomOf(target);
  if (room === "package") {
    const known = packages.find(({ name }) => name.test(target));
    if (!known?.where.test(from)) return "this package is not for this file";
    return kind === (known.kind ?? kind) ? undefined : "this package is handed over by its user";
  }
  const page = "src/http/dashboard/page/";
  if (target.startsWith(page) && !from.startsWith(page)) return "the page runs in browsers only";
  if (room === own) return undefined;
  if (EDGES.includes(own)) {
    if (room === "mod" || target === "src/runtime/listen.ts") return undefined;
    // A worker-side job file must stay light.
    if (target === "src/define/jobs.ts" && /[/_]jobs\.ts$/.test(from)) return undefined;
    if (own === "cli" && EDGES.includes(room)) return undefined;
    if (own === "simulation" && target === "src/testing/mod.ts") return undefined;
    if (from === "src/simulation/mod.ts" && room === "cli") return undefined;
    if (from === "src/simulation/laboratory/own_model.ts") return undefined;
    if (from === "src/testing/workers_here.ts") {
      return target === "src/transport/cloned_kind.ts"
        ? undefined
        : "it stands in for workers only";
    }
    return "edges see the core through mod.ts only";
  }
  if (own === "bin") return room === "cli" ? undefined : "programs only start the CLI";
  if (EDGES.includes(room) || room === "bin" || room === "mod") {
    return "the core does not know its edges";
  }
  if (own === "mod") return room === "workers" ? "workers have their own entry point" : undefined;
  if (own === "top") return room === "workers" ? "workers have their own entry point" : undefined;
  if (room === "ground") return undefined;
  if (ROOMS[own].includes(room)) return undefined;
  if (!ROOMS[own].includes(`${room}:types`)) return `${own} may not import ${room}`;
  return kind === "type" ? undefined : `${own} may import only types of ${room}`;
}

const checkArrows: Rule = (source) =>
  importsOf(source).flatMap((found) => {
    const reason = refuse(source.path, found);
    return reason === undefined ? [] : [`${source.path} imports ${found.target}: ${reason}`];
  });

test("the table of rooms has no circle, and every room is there", () => {
  const below = (room: string): readonly string[] =>
    ROOMS[room].map((line) => line.replace(":types", ""));
  const seen = new Set<string>(["ground"]);
  for (const room of Object.keys(ROOMS)) {
    assert.deepEqual(below(room).filter((other) => !seen.has(other)), [], `${room} is too low`);
    seen.add(room);
  }
  const unknown = sources.filter(({ path }) =>
    roomOf(path) === "package" ||
    !(roomOf(path) in ROOMS || [...EDGES, "top", "mod", "bin"].includes(roomOf(path)))
  );
  assert.deepEqual(unknown.map(({ path }) => path), []);
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
    ["src/simulation/trace.ts", 'import { defineJobs } from "../define/jobs.ts";'],
    ["src/cli/serve.ts", 'import { host } from "../runtime/host.ts";'],
    ["src/cli/serve.ts", 'import { delay } from "@std/async/delay";'],
    ["src/router.ts", 'import { createHttpApp } from "./http/mod.ts";'],
    ["src/router.ts", 'export { simulate } from "./simulation/mod.ts";'],
    ["src/router.ts", 'await import("./cli/main.ts");'],
    ["src/router.ts", 'import { Hono } from "hono";'],
    ["src/router.ts", 'import { z } from "zod";'],
    ["src/router.ts", 'import express from "express";'],
    ["src/router.ts", 'import type { OtelOptions } from "./otel/mod.ts";'],
    ["src/otel/job_span.ts", 'import { trace } from "@opentelemetry/api";'],
    ["src/otel/job_span.ts", 'await import("@opentelemetry/api");'],
    ["src/otel/mod.ts", 'import type { Router } from "../router.ts";'],
    ["src/observe/job_trace.ts", 'import type { Span } from "@opentelemetry/api";'],
    ["src/observe/metrics.ts", 'import { Router } from "../../mod.ts";'],
    ["src/observe/metrics.ts", 'import type { Job } from "../job/job.ts";'],
    ["src/policy/threshold.ts", 'import { predict } from "../model/model.ts";'],
    ["src/policy/threshold.ts", 'import { type Model } from "../model/model.ts";'],
    ["src/policy/threshold.ts", 'import type { KindInfo } from "../submit/kind.ts";'],
    ["src/clock.ts", 'import type { Job } from "./job/job.ts";'],
    ["src/job/job.ts", 'import type { Slot } from "../lanes/cpu_pool/slot.ts";'],
    ["src/lanes/inline.ts", 'import { z } from "zod";'],
    ["src/simulation/workload/read_workload.ts", 'import * as z from "zod";'],
    ["src/options/options.ts", 'import type { z } from "zod";'],
    ["src/lanes/cpu_pool/pool.ts", 'import { WebPort } from "../../runtime/web_port.ts";'],
    ["src/lanes/cpu_pool/pool.ts", 'import { version } from "../../transport/protocol.ts";'],
    ["src/lanes/inline.ts", 'import type { Router } from "../router.ts";'],
    ["src/transport/desk.ts", 'import type { Job } from "../job/job.ts";'],
    ["workers/serve.ts", 'import { Job } from "../src/job/job.ts";'],
    ["mod.ts", 'export { createHttpApp } from "./src/http/mod.ts";'],
    ["bin/helixrouter.ts", 'import { createRouter } from "../mod.ts";'],
  ], [
    [
      "src/http/mod.ts",
      'import { Hono } from "hono"; import { createRouter } from "../../mod.ts";',
    ],
    ["src/http/dashboard/page/a.ts", 'import uPlot from "uplot"; import "./b.ts";'],
    ["src/otel/job_span.ts", 'import type { Span } from "@opentelemetry/api";'],
    ["src/simulation/jobs.ts", 'import { defineJobs } from "../define/jobs.ts";'],
    ["src/simulation/mod.ts", 'await import("../cli/main.ts");'],
    ["src/policy/threshold.ts", 'import type { Model } from "../model/model.ts";'],
    ["src/lanes/cpu_pool/pool.ts", 'import type { Port } from "../../transport/port.ts";'],
    ["bin/helixrouter.ts", 'import { main } from "../src/cli/main.ts";'],
  ]);
});
