/**
 * Simulation: runs a synthetic workload or a recorded trace through a real router, and reports the
 * results. Records the jobs of any router, and reads such recordings.
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
export { readRecording, readTrace } from "./trace.ts";
export type { BadRow, BadRows, Recording, Trace, TraceRequest } from "./trace.ts";
export { recordTrace, type RecordTraceOptions } from "./record_trace.ts";
export { toHeaderLine, toRecordLine } from "./recording.ts";
export type { JobRecord, RecordedDecision, RecordedOutcome, TraceHeader } from "./recording.ts";
export { demoJobs, type DemoKinds } from "./jobs.ts";
export type { DemoInput, DemoValues, Uint64 } from "./demo_input.ts";

export { compare } from "./compare/compare.ts";
export type { CellOptions, Compared, Comparison } from "./compare/compare.ts";
export { contestantOf, CONTESTANTS } from "./compare/contestants.ts";
export type { ContestantInfo, ContestantOptions, RunContestant } from "./compare/contestants.ts";
export type { ClassFigures, Quantiles, RunFigures } from "./compare/figures.ts";
export type { Score, Spread } from "./compare/score.ts";
export type { RouterCosts } from "./laboratory/costs.ts";
export type { DriveOptions } from "./laboratory/drive.ts";
export type { VirtualRunOptions } from "./laboratory/virtual_run.ts";
export { COST_WORDS, type CostWord } from "./workload/cost_words.ts";
export type { Distribution } from "./workload/distribution.ts";
export { meanBusyMs, type SourceOptions } from "./workload/job_source.ts";
export { InvalidWorkloadError, readWorkload } from "./workload/read_workload.ts";
export type { LabJob } from "./workload/lab_job.ts";
export { toTraceWorkload, type TraceWorkload } from "./workload/trace_workload.ts";
export { WORKLOADS } from "./workload/shipped.ts";
export type {
  ArrivalSpec,
  BudgetSpec,
  ChangeSpec,
  KindSpec,
  WorkloadSpec,
} from "./workload/spec.ts";

// Undefined on Node 20, where the program is `bin/helixrouter`. In a bundle it tells of the whole program.
if ((import.meta as { main?: boolean }).main && /\/simulation\/mod\.[jt]s$/.test(import.meta.url)) {
  import("../cli/main.ts").then((cli) => cli.runCli(["simulate"]));
}
