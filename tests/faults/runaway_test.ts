// Synchronous endless loops. In a child process, as Deno cannot stop them (denoland/deno#35657):
// there each costs a thread for good, until the pool closes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimeInfo } from "../../mod.ts";
import { assertCountsAddUp } from "../fixtures/assert_counts.ts";
import type { RunawayReport } from "../fixtures/programs/runaways.ts";
import { runProgram } from "../fixtures/run_program.ts";
import { guarded } from "../fixtures/until.ts";

for (const worker of ["built-in worker", "node:worker_threads"]) {
  test(
    `router counts lost threads and closes the pool at maxLostWorkers, ${worker}`,
    guarded,
    async () => {
      const { code, stdout, stderr } = await runProgram("runaways", [worker]);
      assert.equal(code, 7, `The program did not end as it should:\n${stdout}\n${stderr}`);
      const report: RunawayReport = JSON.parse(stdout);
      assert.equal(report.runtime, runtimeInfo().name);
      const losesThreads = report.runtime === "deno";
      assert.deepEqual(report.loops, [
        { rejected: "JobTimeoutError", lost: losesThreads ? 1 : 0 },
        { rejected: "enough", lost: losesThreads ? 2 : 0 },
      ]);
      const heavyEnds = losesThreads ? "dropped workers_lost" : "completed cpu_pool";
      assert.deepEqual(report.heavy, ["completed cpu_pool", heavyEnds]);
      assert.equal(report.waiting, heavyEnds);
      assert.equal(report.inline, "completed inline");
      assert.equal(report.spawned, "completed spawn");
      assertCountsAddUp(report.stats);
      const { timedOut, cancelled, dropReasons, load, workers } = report.stats;
      assert.deepEqual([timedOut, cancelled], [1, 1]);
      assert.deepEqual(dropReasons, losesThreads ? { workers_lost: 2 } : {});
      assert.equal(load.poolOpen, !losesThreads);
      assert.equal(workers.lost, losesThreads ? 2 : 0);
    },
  );
}
