import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import type { SimulationReport } from "../../src/simulation/mod.ts";
import { startCli, withFolder } from "./run_cli.ts";

/** Ten requests at once, and one in an hour. */
const TRACE = [
  "at_ms,kind,cost,scaling,budget_ms",
  ...Array<string>(10).fill("0,llm_request,1000,0.5,60000"),
  "36000000,llm_request,1000,0.5,60000",
].join("\n");

test("simulate that is interrupted says what was done so far", () =>
  withFolder(async (pathOf) => {
    writeFileSync(pathOf("long.csv"), TRACE);
    const run = startCli(["simulate", "--trace", pathOf("long.csv")]);
    await run.shows("Calibrated");
    run.kill("SIGINT");
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 130, stderr);
    assert.ok(stdout.includes("Interrupted: these are the results so far."), stdout);
    assert.ok(stdout.includes("== HelixRouter summary =="), stdout);
  }));

test("simulate --json that is terminated prints its report all the same", () =>
  withFolder(async (pathOf) => {
    writeFileSync(pathOf("long.csv"), TRACE);
    const run = startCli(["simulate", "--trace", pathOf("long.csv"), "--json"]);
    while (!run.printed.stderr.includes("Calibrated")) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    run.kill("SIGTERM");
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 143, stderr);
    const report: SimulationReport = JSON.parse(stdout);
    assert.ok(report.submitted <= 10);
    assert.equal(report.submitted, report.completed + report.dropped + report.cancelled);
  }));
