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
  exports: Record<string, string | Record<string, string>>;
  dependencies?: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
  devDependencies: Record<string, string>;
  repository: { url: string };
  homepage: string;
  bugs: { url: string };
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

/** "./dist/src/jobs.js" and "./dist/src/jobs.d.ts" are built from "./src/jobs.ts". */
const toSource = (built: string) =>
  built.replace(/^(\.\/)?dist\//, "./").replace(/(\.d\.ts|\.js)$/, ".ts");

/** Whether `^a` allows no version that `^b` does not. */
function isWithin(a: string, b: string): boolean {
  const [[major, ...rest], [majorB, ...restB]] = [a, b].map((range) => range.slice(1).split("."));
  const order = [rest, restB].map(([minor, patch]) => Number(minor) * 1e6 + Number(patch));
  return major === majorB && order[0] >= order[1];
}

/** Those of `helixrouter/http`. */
const PACKAGES = ["@hono/node-server", "hono", "zod"];

test("package.json and deno.json have the same subpaths for the same sources", () => {
  const fromNpm = Object.fromEntries(
    Object.entries(npm.exports).flatMap(([key, value]) =>
      typeof value === "string" ? [] : [[key, toSource(value.types)]]
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
  for (const [name, value] of Object.entries(npm.exports)) {
    if (typeof value === "string") continue;
    const script = value.types.replace(/\.d\.ts$/, ".js");
    // Who bundles or requires helixrouter/http gets the module itself, without a top-level await.
    const asked = name === "./http"
      ? { module: script, require: script, default: script.replace("mod.js", "with_packages.js") }
      : { default: script };
    assert.deepEqual(Object.entries(value), Object.entries({ types: value.types, ...asked }));
    assert.ok(existsSync(new URL(toSource(value.default), root)), value.default);
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
  assert.equal(npm.dependencies, undefined);
  for (const [name, range] of Object.entries(npm.peerDependencies)) {
    assert.ok(isWithin(npm.devDependencies[name], range), `${name}: tests have another version`);
    assert.deepEqual(npm.peerDependenciesMeta[name], { optional: true }, name);
    assert.ok(name in jsr.imports, `${name} is missing in deno.json`);
  }
  for (const name of PACKAGES) assert.ok(name in npm.peerDependencies, name);
});

test("the repository is named in one place", () => {
  const [, page] = /^git\+(https:\/\/.*)\.git$/.exec(npm.repository.url) ?? [];
  assert.equal(npm.homepage, `${page}#readme`);
  assert.equal(npm.bugs.url, `${page}/issues`);
});

test("both locks hold the same versions, and no lock names a registry of one machine", () => {
  const denoLock: { npm: Record<string, unknown> } = JSON.parse(readText("deno.lock"));
  const locked = new Set(Object.keys(denoLock.npm).map((key) => key.split("_")[0]));
  for (const name of PACKAGES) {
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
