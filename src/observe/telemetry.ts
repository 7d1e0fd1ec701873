import type { Decision, JobFacts } from "../policy/policy.ts";
import type { SettledJob } from "./sink.ts";
import type { TraceContext } from "../trace_context.ts";
import type { RouterStats } from "./stats.ts";

/**
 * Receives the events of a router's jobs, the source of traces and metrics, such as `otel()` of
 * `helixrouter/otel`. All methods are synchronous, must be fast and must not submit jobs; what they
 * throw is counted in `listenerErrors` and does not affect the job.
 */
export interface Telemetry {
  /**
   * A job was submitted. Called in the caller's asynchronous context, and not for refused submits.
   *
   * @param job Its facts.
   * @param decision How it will run, or that it is dropped, and why.
   * @returns The receiver of its further events; `null` for none.
   */
  submitted(job: JobFacts, decision: Decision): JobTelemetry | null;
  /**
   * The router was created.
   *
   * @param stats Returns the router's current statistics.
   * @returns A function that is called once the router is closed.
   */
  observe?(stats: () => RouterStats): () => void;
}

/**
 * Receives the events of one job. `settled` is called exactly once, and last; but a run that has
 * begun may still call `context` and `run` after its job was settled from outside.
 */
export interface JobTelemetry {
  /** It waits in a queue. Called again if its worker was lost, or gave it back, before it began. */
  waits(): void;
  /**
   * It starts to run.
   *
   * @param batchSize Number of jobs in its call; 1 if it runs alone.
   * @param lead The first job of its batch; `undefined` for that job itself, or if it runs alone.
   */
  starts(batchSize: number, lead: JobTelemetry | undefined): void;
  /**
   * It is handed to a worker, where it may wait behind short ones before `starts`; or it reads its
   * trace on this thread.
   *
   * @returns The `trace` of the job's context.
   */
  context(): TraceContext | undefined;
  /**
   * It runs on this thread, within `fn`; a batch runs within that of its first job. The caller's
   * `AsyncLocalStorage` values are in effect.
   *
   * @param fn Must be called once, before this returns; it does not throw.
   */
  run(fn: () => void): void;
  /** It is over. */
  settled(job: SettledJob): void;
}
