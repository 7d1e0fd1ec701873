import assert from "node:assert/strict";
import { test } from "node:test";
import { type Source, sources } from "./source_tree.ts";
import { importsOf } from "./syntax.ts";

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

test("workers load no schema library, and mod.ts loads neither one nor an edge", () => {
  const light = [
    "src/define/jobs.ts",
    "src/simulation/jobs.ts",
    "workers/serve.ts",
    "workers/job_worker.ts",
  ];
  const heavy = /^(zod$|src\/(router\.ts$|(options|lanes|job|decision|policy|observe|submit)\/))/;
  for (const entry of light) assert.deepEqual(checkReach(entry, sources, heavy), []);
  const edge = /^zod$|hono|opentelemetry|^src\/(http|simulation|testing|cli|otel)\//;
  assert.deepEqual(checkReach("mod.ts", sources, edge), []);
  assert.deepEqual(checkReach("src/otel/mod.ts", sources, /opentelemetry|^mod\.ts$/), []);

  const chain = [
    { path: "a.ts", text: 'import "./b.ts"; import type { T } from "./d.ts";' },
    { path: "b.ts", text: 'export { x } from "./c.ts";' },
    { path: "c.ts", text: 'import { z } from "zod";' },
    { path: "d.ts", text: 'import "hono"; const lazy = () => import("hono");' },
  ];
  assert.deepEqual(checkReach("a.ts", chain, /zod|hono/), ["a.ts loads zod"]);
});
