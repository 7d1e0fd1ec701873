/**
 * The execution router: hand it a job, and it decides whether the job runs now, later on this
 * thread, on a worker, together with others, or not at all.
 *
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ greet: { cost: 1, run: (name: string) => `Hello ${name}` } });
 * const router = await createRouter({ jobs });
 * assert.equal(await router.run("greet", "world"), "Hello world");
 * await router.close();
 * ```
 *
 * @module
 */

export { createRouter, type KindsOf, type UnionToIntersection } from "./src/create_router.ts";
export { type CloseOptions, HelixRouter } from "./src/helix_router.ts";
export {
  type AnyKind,
  type DefinedKinds,
  defineJobs,
  type InputOf,
  job,
  type JobContext,
  type Jobs,
  type Kind,
  type KindBodies,
  type KindInputs,
  type KindOutputs,
  type OutputOf,
  type SchemaModule,
  type WorkerHooks,
} from "./src/jobs.ts";
export type { KindDescription } from "./src/kind.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./src/schema.ts";
export type { Movable } from "./src/movable.ts";
export type { Hints, SubmitOptions } from "./src/hints.ts";
export type { SettledJob, Sink } from "./src/sink.ts";
export type { JobSets, RouterOptions, Transport } from "./src/options.ts";
export {
  type Completed,
  type Dropped,
  type DropReason,
  type Outcome,
  type Status,
  STATUSES,
  STRATEGIES,
  type Strategy,
  type Timing,
} from "./src/outcome.ts";
export {
  HelixError,
  InvalidHintError,
  InvalidInputError,
  InvalidOptionError,
  JobDroppedError,
  JobFailedError,
  JobModuleError,
  JobTimeoutError,
  NestedRouterError,
  PolicyError,
  RouterClosedError,
  UnknownKindError,
  WorkerCrashedError,
} from "./src/errors.ts";
export type {
  AnyPolicy,
  Decision,
  Drop,
  JobFacts,
  KindFacts,
  Policy,
  PolicyEvent,
  PolicySettings,
} from "./src/policy/policy.ts";
export {
  type ThresholdOptions,
  type ThresholdPolicy,
  thresholdPolicy,
  type Thresholds,
} from "./src/policy/threshold.ts";
export type { DecisionRecord } from "./src/decision_record.ts";
export type { Load } from "./src/load.ts";
export type { RouterConfig, TunableLimits } from "./src/config.ts";
export type { Obstacle, RouterStats } from "./src/stats.ts";
export type { JobTelemetry, Telemetry, TraceContext } from "./src/telemetry.ts";
export type {
  MetricsSnapshot,
  Rejection,
  SeriesStats,
  StatusCounts,
} from "./src/metrics/metrics.ts";
export type { WindowStats } from "./src/metrics/windows.ts";
export {
  BUCKET_BOUNDS_MS,
  type Distribution,
  Histogram,
  type HistogramMark,
  type Summary,
} from "./src/metrics/histogram.ts";
export type { WorkerCounts } from "./src/lanes/cpu_pool/worker_counts.ts";
export type { Clock, Timer } from "./src/clock.ts";
export type { Death, PortFactory, PortOwner, WorkerCall, WorkerPort } from "./src/runtime/port.ts";
export { type RuntimeInfo, runtimeInfo } from "./src/runtime/host.ts";
