/**
 * Test kit for programs that use a router, and for policies: a virtual clock with modelled workers, workers
 * on this thread, a policy that sends each job the same way. It works with any test runner.
 *
 * @example A policy in virtual time
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { forcedPolicy, modelWorkers, VirtualClock } from "helixrouter/testing";
 * import assert from "node:assert/strict";
 *
 * const clock = new VirtualClock();
 * const router = await createRouter({
 *   jobs: defineJobs(import.meta.url, { report: { run: (n: number) => n } }),
 *   policy: forcedPolicy("cpu_pool"),
 *   clock,
 *   cpuParallelism: 1,
 *   createPort: modelWorkers(clock, {
 *     run: () => ({ busyMs: 60_000, waitMs: 0, afterMs: 0, end: "ok", value: "done" }),
 *   }),
 * });
 * const outcome = router.submit("report", 1);
 * const late = router.submit("report", 2, { latencyBudgetMs: 1_000 });
 * clock.advance(70_000); // a minute passes at once
 * assert.equal((await outcome).status, "completed");
 * assert.equal((await late).status, "dropped");
 * const closed = router.close();
 * clock.run();
 * await closed;
 * ```
 *
 * @module
 */

export { type Arrival, ArrivalThread, type ArrivalThreadOptions } from "./arrival_thread.ts";
export { forcedPolicy } from "./forced_policy.ts";
export { workersHere } from "./workers_here.ts";
export type { KernelOptions } from "./kernel_options.ts";
export { VirtualClock, type VirtualClockOptions } from "./virtual_clock.ts";
export { type ModelledRun, modelWorkers, type WorkerModel } from "./model_worker.ts";
