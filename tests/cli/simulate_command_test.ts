import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { runtimeInfo } from "../../mod.ts";
import type { SimulationReport } from "../../src/simulation/mod.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded } from "../fixtures/until.ts";
import { type Ended, runCli, runLines, withFolder } from "./run_cli.ts";

const PLAIN = "at_ms,kind,cost,scaling,budget_ms";
const ESCAPE = "\x1b";

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** The report of a run with `--json`: the one line on standard output. */
function reportOf({ code, stdout, stderr }: Ended): SimulationReport {
  assert.equal(code, 0, stderr);
  assert.equal(stdout.trimEnd().split("\n").length, 1);
  const report: SimulationReport = JSON.parse(stdout);
  const { submitted, completed, failed, dropped, cancelled, timedOut, routed } = report;
  assert.equal(report.runtime, runtimeInfo().name);
  assert.equal(submitted, completed + failed + dropped + cancelled + timedOut);
  assert.equal(sum(routed), submitted);
  assert.equal(sum(report.dropReasons), dropped);
  assert.ok(dropped >= routed.backpressure_drop);
  return report;
}

test("simulate --json prints one report and talks on standard error", guarded, async () => {
  const ended = await runCli(["simulate", "--seed", "7", "--json"]);
  const report = reportOf(ended);
  const { compare } = report as SimulationReport & { compare: readonly { name: string }[] };
  assert.deepEqual(compare.map(({ name }) => name), ["inline-only", "pool-only", "adaptive"]);
  assert.equal(report.submitted, 200);
  assert.equal(report.seed, 7);
  assert.equal(report.policy, "adaptive");
  assert.deepEqual(report.rejected, {});
  assert.equal(report.failed, 0);
  assert.ok(report.wallMs > 0);
  const { name, version } = runtimeInfo();
  assert.ok(ended.stderr.includes(` on ${name} ${version}: adaptive policy, `), ended.stderr);
  assert.match(ended.stderr, /workers? ready in \d/);
  assert.ok(!ended.stderr.includes(ESCAPE));
});

test("simulate prints a table, and at last the summary", async () => {
  const { code, stdout, stderr } = await runCli(["simulate", "--jobs", "50", "--workers", "1"]);
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
  assert.ok(!stdout.includes(ESCAPE), "escape codes in a pipe");
  assert.ok(!stdout.includes("\r"), "a progress bar in a pipe");
  assert.match(stdout, /adaptive policy, 1 worker ready in \d/);
  assert.match(stdout, /^strategy +jobs +completed +p50 ms +p95 ms +p99 ms +max ms$/m);
  const summary = stdout.slice(stdout.indexOf("== HelixRouter summary =="));
  assert.match(
    summary,
    /^== HelixRouter summary ==\ncompleted: \d+\ndropped: {3}\d+\n(routed\[\w+\]: \d+\n){5}$/,
  );
  const counts = [...summary.matchAll(/^(?:completed|dropped): +(\d+)$/gm)];
  assert.equal(counts.reduce((total, [, count]) => total + Number(count), 0), 50);
});

test("simulate takes --workers and --queue to the router", async () => {
  const args = ["simulate", "--jobs", "2000", "--workers", "1", "--queue", "3", "--json"];
  const report = reportOf(await runCli(args));
  assert.equal(report.submitted, 2_000);
  assert.ok(report.dropReasons.lane_full > 0, JSON.stringify(report.dropReasons));
});

test("simulate --trace replays a file, as fast as --speed says", () =>
  withFolder(async (pathOf) => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i * 40},llm_request,${i * 800},0.5,900`);
    writeFileSync(pathOf("own.csv"), [PLAIN, ...rows, "1200,prime_count,20000,0.8,900"].join("\n"));
    const ended = await runCli(
      ["simulate", "--trace", pathOf("own.csv"), "--speed", "8", "--json"],
    );
    const report = reportOf(ended);
    assert.equal(report.submitted, 31);
    assert.ok(report.wallMs >= 150, `${report.wallMs}`);
    assert.match(ended.stderr, /31 requests of own\.csv over 1\.2 s, replayed 8 times as fast/);
    assert.match(ended.stderr, /Calibrated: 1 ms of work is [\d,]+ rounds/);
  }));

test("simulate --record writes what --trace reads", () =>
  withFolder(async (pathOf) => {
    const path = pathOf("run.jsonl");
    const first = reportOf(await runCli(["simulate", "--jobs", "300", "--record", path, "--json"]));
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    assert.equal(lines.length, 301);
    const [header, ...records] = lines.map((line) => JSON.parse(line));
    assert.deepEqual([header.helix_trace, header.policy], [1, "adaptive"]);
    assert.ok(records.every(({ decision }) => typeof decision.reason === "string"));
    const completed = records.filter(({ outcome }) => outcome.status === "completed");
    assert.equal(completed.length, first.completed);
    const again = reportOf(await runCli(["simulate", "--trace", path, "--json"]));
    assert.equal(again.submitted, 300);
  }));

test("simulate ends with 2 for a bad row, and goes on with --skip-bad-rows", () =>
  withFolder(async (pathOf) => {
    const [path, other] = [pathOf("bad.csv"), pathOf("other.csv")];
    writeFileSync(path, `${PLAIN}\n0,prime_count,20000,0.8,900\nx\n1,hash_mix,0.5,1,1\n`);
    writeFileSync(other, "a,b\n1,2\n");
    const args = ["simulate", "--json", "--skip-bad-rows", "--trace"];
    const [refused, nothing] = await runLines([
      ["simulate", "--trace", path, "--json"],
      [...args, other],
    ]);
    assert.equal(refused.code, 2);
    assert.equal(refused.stdout, "");
    assert.equal(
      refused.stderr,
      "helixrouter: 2 rows of bad.csv cannot be read, the first in line 3: the row must have 5 fields: " +
        "received 1 (--skip-bad-rows skips them)\n",
    );
    const ended = await runCli([...args, path], { env: { HELIX_LOG: "warn" } });
    assert.equal(reportOf(ended).submitted, 1);
    assert.match(ended.stderr, /^helixrouter: 2 rows of bad\.csv cannot be read.*skipped\n$/);
    assert.equal(nothing.code, 2);
    assert.match(nothing.stderr, /^helixrouter: No request found in other\.csv, line 1: .*\n$/);
  }));

test("simulate refuses a recording of kinds it has no job for, or skips them", () =>
  withFolder(async (pathOf) => {
    const [path, broken] = [pathOf("day.jsonl"), pathOf("broken.jsonl")];
    const rows = ["resize", "prime_count", "resize"].map((kind, at_ms) =>
      JSON.stringify({ at_ms, kind, cost: 9 })
    );
    writeFileSync(path, ['{"helix_trace":1}', ...rows].join("\n"));
    writeFileSync(broken, `{"helix_trace":1}\n${rows[0]}\n{"at_ms":\n`);
    const args = (path: string) => ["simulate", "--trace", path, "--json"];
    const [unknown, unread] = await runLines([args(path), args(broken)]);
    assert.deepEqual([unknown.code, unknown.stdout], [2, ""]);
    assert.equal(
      unknown.stderr,
      'helixrouter: Cannot run 2 requests of day.jsonl, as the simulation has no job of kind "resize", ' +
        "only of hash_mix, prime_count, monte_carlo_risk, llm_request (--skip-bad-rows skips them, " +
        "and readTrace() gives them to a program with such jobs)\n",
    );
    assert.equal(unread.code, 2);
    assert.equal(
      unread.stderr,
      "helixrouter: 1 row of broken.jsonl cannot be read, the first in line 3: the line must be JSON " +
        "(--skip-bad-rows skips them)\n",
    );
    const skipping = await runCli([...args(path), "--skip-bad-rows"]);
    assert.equal(reportOf(skipping).submitted, 1);
    assert.match(skipping.stderr, /^helixrouter: Cannot run 2 requests of .*; skipped\n/);
  }));

test("HELIX_LOG=debug shows one line of JSON for every decision", async () => {
  const args = ["simulate", "--jobs", "40", "--json"];
  const ended = await runCli(args, { env: { HELIX_LOG: "debug" } });
  const { routed } = reportOf(ended);
  const lines = ended.stderr.split("\n").filter((line) => line.startsWith("{"));
  const decisions = lines.map((line) => JSON.parse(line));
  // One that moved to another lane while it waited is told of once more.
  assert.equal(decisions.filter(({ moved }) => moved !== true).length, 40);
  const last = new Map<number, string>();
  for (const { level, message, logger, job, strategy, reason, kind, load } of decisions) {
    assert.deepEqual([level, message, logger], ["DEBUG", "decision", "helixrouter.decision"]);
    assert.match(reason, /^[a-z_]+$/);
    assert.match(kind, /^[a-z_]+$/);
    assert.equal(typeof load.inFlight, "number");
    last.set(job, strategy);
  }
  const seen: Record<string, number> = {};
  for (const strategy of last.values()) seen[strategy] = (seen[strategy] ?? 0) + 1;
  for (const [strategy, count] of Object.entries(routed)) assert.equal(seen[strategy] ?? 0, count);
});

test("HELIX_LOG=off leaves standard error empty", async () => {
  const ended = await runCli(["simulate", "--jobs", "5", "--json"], { env: { HELIX_LOG: "off" } });
  reportOf(ended);
  assert.equal(ended.stderr, "");
});

// On Node 20 a module does not know whether it is the program.
const title = "the simulation module is a program of its own";
const skip = skippedIf(runtimeInfo().name === "node", title, "Node starts bin/helixrouter");

test(title, { skip }, async () => {
  const program = "src/simulation/mod";
  assert.equal(reportOf(await runCli(["--jobs", "30", "--json"], { program })).submitted, 30);
  assert.equal((await runCli(["--jobs", "none"], { program })).code, 2);
});
