import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runtimeInfo } from "../mod.ts";

const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
/** The repository, seen from `tests/` or from `dist/tests/`. */
const root = new URL(extension === ".ts" ? "../" : "../../", import.meta.url);
const execute = promisify(execFile);

/** Runs an example as its reader would, and gives what it prints. */
async function runExample(name: string): Promise<string[]> {
  const file = fileURLToPath(new URL(`../examples/${name}${extension}`, import.meta.url));
  const flags = runtimeInfo().name === "deno" ? ["run", "--allow-read"] : [];
  const { stdout } = await execute(process.execPath, [...flags, file], {
    cwd: fileURLToPath(root),
  });
  return stdout.trimEnd().split("\n");
}

describe("README and its guides", () => {
  it("show the example files as they are", () => {
    const texts = ["README.md", "docs/guide.md", "docs/bundles.md"]
      .map((path) => readFileSync(new URL(path, root), "utf8")).join("\n");
    const shown = [...texts.matchAll(/<!-- (examples\/\S+) -->\s+```ts\n([^]*?)```/g)];
    assert.equal(shown.length, 11);
    assert.equal(shown.length, [...texts.matchAll(/^```ts/gm)].length - 1, "one is a test");
    for (const [, path, text] of shown) {
      assert.equal(text, readFileSync(new URL(path, root), "utf8"), path);
    }
  });

  it("have examples of some twenty lines", () => {
    for (const name of ["jobs", "app", "mixed", "map", "serve", "tenants"]) {
      const text = readFileSync(new URL(`examples/readme/${name}.ts`, root), "utf8");
      assert.ok(text.trimEnd().split("\n").length <= 20, name);
    }
  });
});

describe("examples", () => {
  it(
    "readme/app runs a tiny job here and a heavy one on a worker",
    { timeout: 60_000 },
    async () => {
      const [greeting, count, ...why] = await runExample("readme/app");
      assert.deepEqual([greeting, count], ["Hello world", "17984 cpu_pool"]);
      assert.match(
        why.join(),
        /inline[^:]*: no, as a job runs inside submit\(\) only after 8 runs/,
      );
    },
  );

  it("readme/tenants has no tenant wait for another", { timeout: 60_000 }, async () => {
    const [first, why] = await runExample("readme/tenants");
    assert.equal(first, "tiny");
    assert.match(why, /^It would wait until fewer jobs of its key of kind "report" run than 1/);
  });

  it("readme/mixed reads a file here, and computes on workers", { timeout: 60_000 }, async () => {
    const [count] = await runExample("readme/mixed");
    assert.ok(Number(count) > 50, count); // primes up to the length of the example
  });

  it("readme/policy decides", { timeout: 60_000 }, async () => {
    assert.deepEqual(await runExample("readme/policy"), ["inline"]);
  });

  it("readme/map sums up in order, and waits for room", { timeout: 60_000 }, async () => {
    const [sum, greetings] = await runExample("readme/map");
    assert.equal(sum, "503667");
    assert.match(greetings, /Hello Ada.*Hello Alan/);
  });

  it("opentelemetry runs without an SDK, too", { timeout: 60_000 }, async () => {
    assert.deepEqual(await runExample("opentelemetry"), [`17984 ${"0".repeat(32)}`]);
  });

  it("readme/serve answers its own path and those of the facade", { timeout: 60_000 }, async () => {
    const file = fileURLToPath(new URL(`../examples/readme/serve${extension}`, import.meta.url));
    const flags = ["run", "--allow-read", "--allow-net=127.0.0.1"];
    const args = runtimeInfo().name === "deno" ? flags : [];
    const program = spawn(process.execPath, [...args, file], {
      cwd: fileURLToPath(root),
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const [address] = `${await once(program.stdout, "data")}`.split("\n");
      const [url, token] = address.split("/#token=");
      assert.match(token, /^.{20,}$/);
      const headers = { "content-type": "application/json" };
      const post = (path: string, body: string) =>
        fetch(url + path, { method: "POST", headers, body });
      assert.equal(await (await post("/primes", '{"limit":1000}')).json(), 168);
      const greeted = await post("/api/jobs/greet", '{"input":"world"}');
      assert.equal((await greeted.json()).output, "Hello world");
      assert.match(await (await fetch(`${url}/`)).text(), /^<!DOCTYPE html>/i);
    } finally {
      program.kill();
      await once(program, "close");
    }
  });

  it("own_policy decides by what it has learned", { timeout: 60_000 }, async () => {
    const lines = await runExample("own_policy");
    assert.equal(lines[0], "greet(10): inline, below_a_millisecond");
    assert.equal(lines[1], "count_primes(1000000): cpu_pool, above_a_millisecond");
    assert.ok(lines.includes("count_primes(500000): backpressure_drop, low_priority_under_load"));
    assert.match(lines.at(-1) ?? "", /^\d+ of 12 completed$/);
  });
});
