// Where there is nothing but the web's interfaces: pages, service workers, edge hosts. What a browser adds to
// that is tried in a browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimeInfo } from "../../mod.ts";
import { runProgram } from "../fixtures/run_program.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded } from "../fixtures/until.ts";

const isBun = runtimeInfo().name === "bun";

/** A test in a program that has lost the name of its runtime. */
function testBare(title: string, run: () => Promise<void>): void {
  test(title, { ...guarded, skip: skippedIf(isBun, title, "Bun keeps its name") }, run);
}

/** What comes of jobs on a host that lacks these interfaces. */
async function runWithout(what: "submit" | "shape" | "as_node", ...missing: string[]) {
  const { code, stdout, stderr } = await runProgram("bare_host", [what, ...missing]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

testBare("a host without workers runs kinds that have a module on its thread", async () => {
  const hosts = [
    ["submit", "Worker"],
    ["submit", "Worker", "MessageChannel", "SharedArrayBuffer"],
    ["as_node", "Worker"],
  ] as const;
  for (const [what, ...missing] of hosts) {
    const told = await runWithout(what, ...missing);
    const here = { strategy: "spawn", output: 42 };
    assert.deepEqual([told.adaptive, told.threshold, told.own], [here, here, here]);
    assert.deepEqual([told.reason, told.unknown], ["no_workers", "no_workers"]);
    assert.ok(
      told.why.includes("cpu_pool: no, as there are no workers where this runs."),
      told.why,
    );
    assert.match(
      told.kept,
      /^InvalidOptionError: .*"minWorkers" must be 0, as this runtime has no/,
    );
  }
});

testBare("a page sends messages, and refuses shared memory where it is wanted", async () => {
  const { ring, config } = await runWithout("shape");
  assert.match(ring, /"transport" must be "auto" or "messages" on this runtime: received "shared/);
  assert.equal(config.abortGraceMs, null, "it has shared states, so a loop hears of its abort");
});

testBare("a page without shared memory ends the worker of an aborted job", async () => {
  const { config } = await runWithout("shape", "SharedArrayBuffer");
  assert.equal(config.abortGraceMs, 100);
});
