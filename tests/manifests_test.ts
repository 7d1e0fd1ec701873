// The manifests say the same things: one version, one set of subpaths, one range per dependency.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

interface PackageJson {
  name: string;
  version: string;
  license: string;
  type: string;
  bin: Record<string, string>;
  exports: Record<string, string | { types: string; default: string }>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

interface DenoJson {
  name: string;
  version: string;
  license: string;
  exports: Record<string, string>;
  imports: Record<string, string>;
}

interface PackageLock {
  version: string;
  packages: Record<string, { version?: string; resolved?: string }>;
}

function findRoot(): URL {
  let folder = new URL(".", import.meta.url);
  while (!existsSync(new URL("deno.json", folder))) folder = new URL("..", folder);
  return folder;
}

const root = findRoot();
const readText = (path: string) => readFileSync(new URL(path, root), "utf8");
const npm: PackageJson = JSON.parse(readText("package.json"));
const jsr: DenoJson = JSON.parse(readText("deno.json"));
const lock: PackageLock = JSON.parse(readText("package-lock.json"));

/** "./dist/src/jobs.js" is built from "./src/jobs.ts". */
const toSource = (built: string) => built.replace(/^(\.\/)?dist\//, "./").replace(/\.js$/, ".ts");

test("package.json and deno.json have the same subpaths for the same sources", () => {
  const fromNpm = Object.fromEntries(
    Object.entries(npm.exports).flatMap(([key, value]) =>
      typeof value === "string" ? [] : [[key, toSource(value.default)]]
    ),
  );
  assert.deepEqual(fromNpm, jsr.exports);
  const subpaths = [
    ".",
    "./jobs",
    "./worker",
    "./http",
    "./simulation",
    "./testing",
    "./otel",
    "./shadow",
  ];
  assert.deepEqual(Object.keys(jsr.exports), subpaths);
  for (const source of Object.values(jsr.exports)) {
    assert.ok(existsSync(new URL(source, root)), `${source} is missing`);
  }
});

test("package.json names types first, beside the code", () => {
  for (const value of Object.values(npm.exports)) {
    if (typeof value === "string") continue;
    assert.deepEqual(Object.keys(value), ["types", "default"]);
    assert.equal(value.types, value.default.replace(/\.js$/, ".d.ts"));
  }
  for (const program of Object.values(npm.bin)) {
    assert.ok(readText(toSource(program)).startsWith("#!/usr/bin/env node\n"), program);
  }
});

test("name, version and license are one", () => {
  assert.equal(npm.name, "helixrouter");
  assert.equal(jsr.name, "@helixrouter/helixrouter");
  assert.equal(npm.version, jsr.version);
  assert.equal(npm.version, lock.version);
  assert.equal(npm.license, jsr.license);
  assert.ok(readText("LICENSE").startsWith(`${npm.license} License`));
  assert.ok(readText("CHANGELOG.md").includes(`## ${npm.version}`));
});

test("dependencies have one range in both manifests, and what is imported is declared", () => {
  const declared = { ...npm.devDependencies, ...npm.dependencies };
  for (const [name, target] of Object.entries(jsr.imports)) {
    const parts = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(target);
    if (parts === null) {
      const subpath = name.replace(npm.name, ".");
      assert.equal(target, jsr.exports[subpath], `${name} is not this package`);
    } else {
      assert.equal(declared[parts[1]], parts[2], `${name}: the ranges differ`);
    }
  }
  for (const name of Object.keys(npm.dependencies)) {
    assert.ok(name in jsr.imports, `${name} is missing in deno.json`);
  }
});

test("both locks hold the same versions, and no lock names a registry of one machine", () => {
  const denoLock: { npm: Record<string, unknown> } = JSON.parse(readText("deno.lock"));
  const locked = new Set(Object.keys(denoLock.npm).map((key) => key.split("_")[0]));
  for (const name of Object.keys(npm.dependencies)) {
    const version = lock.packages[`node_modules/${name}`].version;
    assert.ok(locked.has(`${name}@${version}`), `${name}@${version} is not in deno.lock`);
  }
  const tools: PackageLock = JSON.parse(readText(".ci/tools/package-lock.json"));
  for (const [path, { resolved }] of Object.entries({ ...lock.packages, ...tools.packages })) {
    const isPublic = resolved?.startsWith("https://registry.npmjs.org/") ?? true;
    assert.ok(isPublic, `${path} comes from ${resolved}`);
  }
  assert.doesNotMatch(readText("deno.lock"), /https?:/);
});
