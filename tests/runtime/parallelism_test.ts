import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { availableParallelism, pageParallelism } from "../../src/runtime/parallelism.ts";
import { runProgram } from "../fixtures/run_program.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded } from "../fixtures/until.ts";

const V2 = "/sys/fs/cgroup/cpu.max";
const V1_QUOTA = "/sys/fs/cgroup/cpu/cpu.cfs_quota_us";
const V1_PERIOD = "/sys/fs/cgroup/cpu/cpu.cfs_period_us";

/** The parallelism of a machine with `cores` and these files. */
function on(cores: number | undefined, files: Readonly<Record<string, string>> = {}): number {
  return availableParallelism({ cores: () => cores, readFile: (path) => files[path] });
}

test("availableParallelism() is the number of cores where there is no quota", () => {
  assert.equal(on(8), 8);
  assert.equal(on(1), 1);
});

test("availableParallelism() is at least 1, whatever is known", () => {
  assert.equal(on(undefined), 1);
  assert.equal(on(0), 1);
  assert.equal(on(8, { [V2]: "1000 100000\n" }), 1);
});

test("pageParallelism() leaves a core for the page, and is 8 at most", () => {
  const told = [undefined, 1, 2, 4, 9, 10, 128].map((cores) => pageParallelism(cores));
  assert.deepEqual(told, [1, 1, 1, 3, 8, 8, 8]);
});

test("availableParallelism() reads the quota of cgroup version 2, rounded up", () => {
  assert.equal(on(8, { [V2]: "max 100000\n" }), 8);
  assert.equal(on(8, { [V2]: "150000 100000\n" }), 2);
  assert.equal(on(8, { [V2]: "50000 100000\n" }), 1);
  assert.equal(on(8, { [V2]: "400000 100000\n" }), 4);
  assert.equal(on(8, { [V2]: "200000 50000" }), 4);
});

test("availableParallelism() never exceeds the cores by a larger quota", () => {
  assert.equal(on(2, { [V2]: "1600000 100000\n" }), 2);
  assert.equal(on(2, { [V1_QUOTA]: "1600000\n", [V1_PERIOD]: "100000\n" }), 2);
});

test("availableParallelism() reads the quota of cgroup version 1, rounded up", () => {
  assert.equal(on(8, { [V1_QUOTA]: "150000\n", [V1_PERIOD]: "100000\n" }), 2);
  assert.equal(on(8, { [V1_QUOTA]: "50000\n", [V1_PERIOD]: "100000\n" }), 1);
  assert.equal(on(8, { [V1_QUOTA]: "-1\n", [V1_PERIOD]: "100000\n" }), 8);
});

test("availableParallelism() ignores a file it cannot make sense of", () => {
  assert.equal(on(8, { [V2]: "" }), 8);
  assert.equal(on(8, { [V2]: "garbage\n" }), 8);
  assert.equal(on(8, { [V2]: "0 100000\n" }), 8);
  assert.equal(on(8, { [V2]: "100000 0\n" }), 8);
  assert.equal(on(8, { [V1_QUOTA]: "150000\n" }), 8);
  assert.equal(on(8, { [V1_QUOTA]: "150000\n", [V1_PERIOD]: "" }), 8);
});

const isThere = (command: string): boolean =>
  (process.env.PATH ?? "").split(":").some((folder) => existsSync(`${folder}/${command}`));

test("cpuParallelism defaults to 1 on a process that is pinned to one core", {
  ...guarded,
  skip: skippedIf(
    !isThere("taskset"),
    "cpuParallelism of a pinned process",
    "taskset, which pins a process, is not installed",
  ),
}, async () => {
  const { code, stdout, stderr } = await runProgram("parallelism", [], ["taskset", "-c", "0"]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.trim(), "1");
});
