import type { Decision, JobFacts } from "../policy/policy.ts";
import type { SettledJob } from "../sink.ts";
import type { TraceContext } from "../trace_context.ts";
import type { RouterStats } from "./stats.ts";

/**
 * Hears of a router's jobs: what traces and metrics are made of. `otel()` of `helixrouter/otel` is
 * one. All calls are synchronous, must be quick and must not submit jobs; what they throw is counted
 * in `listenerErrors`, and the job goes on.
 */
export interface Telemetry {
  /**
   * A job was taken, in the caller's asynchronous context. Submits that are refused are not told.
   *
   * @param job What is known of it.
   * @param decision How it is to run, or that it is dropped, and why.
   * @returns Who hears of it from now on; `null` for no one.
   */
  submitted(job: JobFacts, decision: Decision): JobTelemetry | null;
  /**
   * The router has been made.
   *
   * @param stats Gives its counters and its load as they are when it is called.
   * @returns Called once the router is closed.
   */
  observe?(stats: () => RouterStats): () => void;
}

/**
 * Hears of one job. `settled` comes exactly once and last; but a run that has begun may still ask for
 * `context` and `run` when its job was settled from outside.
 */
export interface JobTelemetry {
  /** It waits in a queue; again when a worker was lost, or gave it back, before it had begun. */
  waits(): void;
  /**
   * It runs from now on.
   *
   * @param batchSize Jobs in its call; 1 if it runs alone.
   * @param lead The first job of its batch; `undefined` for that job itself, and alone.
   */
  starts(batchSize: number, lead: JobTelemetry | undefined): void;
  /**
   * It is handed to a worker, where it may wait behind short ones before `starts`; or it asks for
   * its trace on this thread.
   *
   * @returns What the job sees as `trace`.
   */
  context(): TraceContext | undefined;
  /**
   * It runs on this thread, within `fn`; a batch does so within that of its first job. What the
   * caller had in its `AsyncLocalStorage`s is in force.
   *
   * @param fn Is to be called once, before this returns; it does not throw.
   */
  run(fn: () => void): void;
  /** It is over. */
  settled(job: SettledJob): void;
}
