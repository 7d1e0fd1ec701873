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

export {
  createRouter,
  type KindsOf,
  type UnionToIntersection,
} from "./src/create/create_router.ts";
export { type CloseOptions, HelixRouter } from "./src/helix_router.ts";
export type { RouterEvents } from "./src/decision/events.ts";
export {
  type AnyKind,
  type Cloned,
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
} from "./src/define/jobs.ts";
export type { KindDescription } from "./src/submit/kind.ts";
export type { Limits } from "./src/submit/limits.ts";
export type { SchemaIssue, SchemaResult, StandardSchema } from "./src/schema.ts";
export type { Movable } from "./src/movable.ts";
export type { AbortListener, CancelSignal } from "./src/cancel_signal.ts";
export type { Hints, SubmitOptions } from "./src/submit/hints.ts";
export type { MapHints, MapInputs, MapItem, MapOptions, NoOutcome } from "./src/map/map_options.ts";
export type { JobSets, RouterOptions } from "./src/options/options.ts";
export type { ResourceLimits } from "./src/options/worker_options.ts";
export {
  type Completed,
  type Dropped,
  type DropReason,
  type Outcome,
  type Rejection,
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
  Waiting,
} from "./src/policy/policy.ts";
export {
  type ThresholdOptions,
  type ThresholdPolicy,
  thresholdPolicy,
  type Thresholds,
} from "./src/policy/threshold.ts";
export { type AdaptiveOptions, adaptivePolicy } from "./src/policy/adaptive/adaptive.ts";
export type { ShadowDifference, ShadowStats } from "./src/policy/shadow.ts";
export type { StrategyCost } from "./src/policy/costs.ts";
export type { DecisionRecord } from "./src/decision/record.ts";
export type { Load, LoadFigures, Outlook, QueueLane } from "./src/policy/load.ts";
export type { BatchOutlook } from "./src/policy/batch_outlook.ts";
export type { KindIndex, Model, Prediction } from "./src/model/prediction.ts";
export { type OptionRow, optionTable, type TunableOption } from "./src/options/option_table.ts";
export type { NumberRange } from "./src/check.ts";
export type { RouterConfig, TunableLimits } from "./src/options/configuration.ts";
export type { RouterState } from "./src/options/saved_state.ts";
export type { Calibration, KindStats, Regret } from "./src/observe/hindsight.ts";
export type { Obstacle, RouterStats } from "./src/observe/stats.ts";
export type { SettledJob, Sink } from "./src/observe/sink.ts";
export type { JobTelemetry, Telemetry } from "./src/observe/telemetry.ts";
export type { TraceContext } from "./src/trace_context.ts";
export type { MetricsSnapshot, SeriesStats, StatusCounts } from "./src/observe/metrics.ts";
export type { WindowStats } from "./src/observe/windows.ts";
export {
  BUCKET_BOUNDS_MS,
  type Distribution,
  Histogram,
  type HistogramMark,
  type Summary,
} from "./src/observe/histogram.ts";
export type { SaturationEvent } from "./src/observe/saturation.ts";
export type { WorkerCounts } from "./src/worker_counts.ts";
export type { CrashCause, WorkerCrash, WorkerEvent } from "./src/worker_event.ts";
export type { WorkerCall } from "./src/worker_call.ts";
export { Semaphore } from "./src/semaphore.ts";
export type { Clock, Timer } from "./src/clock.ts";
export type { Death, PortFactory, PortOwner, Transport, WorkerPort } from "./src/transport/port.ts";
export { type RuntimeInfo, runtimeInfo } from "./src/runtime/host.ts";
