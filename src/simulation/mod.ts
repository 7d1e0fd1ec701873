/**
 * Simulation: runs a synthetic workload or a recorded trace through a real router, and reports the
 * results.
 *
 * Run as a program, this module is the command `helixrouter simulate`.
 *
 * ```ts
 * import { simulate } from "helixrouter/simulation";
 * import assert from "node:assert/strict";
 *
 * const report = await simulate({ jobs: 20, seed: 1 });
 * assert.equal(report.submitted, 20);
 * ```
 *
 * @module
 */

export { simulate } from "./simulate.ts";
export type { SimulateOptions, SimulationStart } from "./options.ts";
export type { ClassReport, LatencyReport, SimulationReport, StatusReport } from "./report.ts";
export type { ServiceClass } from "./service_time.ts";
export { readTrace } from "./trace.ts";
export type { BadRow, Trace, TraceRequest } from "./trace.ts";
export { type JobRecord, type RecordedOutcome, toRecordLine } from "./recording.ts";
export { demoJobs, type DemoKinds } from "./jobs.ts";
export type { DemoInput, DemoValues, Uint64 } from "./demo_input.ts";

// Undefined on Node 20, where the program is `bin/helixrouter`.
if ((import.meta as { main?: boolean }).main) {
  import("../cli/main.ts").then((cli) => cli.runCli(["simulate"]));
}
