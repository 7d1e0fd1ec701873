import type { RunContext } from "../define/run_context.ts";
import type { Movable } from "../movable.ts";
import type { JobTrace } from "../observe/job_trace.ts";
import type { DropReason } from "../outcome.ts";
import type { LoadGauges } from "../policy/load.ts";
import type { JobFacts } from "../policy/policy.ts";
import type { KindInfo } from "../submit/kind.ts";
import type { TraceContext } from "../trace_context.ts";
import type { WorkerCall } from "../worker_call.ts";
import type { Admission } from "./admission.ts";
import type { Job } from "./job.ts";
import type { Ticket } from "./ticket.ts";

/**
 * What a lane runs at a time: a job, or a batch of jobs of one kind as one `runBatch` call. An
 * interface, as objects of derived classes are much slower to create, and each job is one.
 *
 * The words for ending work are the same on every layer, from job through lane, dispatcher, pool
 * and port to worker:
 *
 * | word      | meaning                                                                          |
 * | --------- | -------------------------------------------------------------------------------- |
 * | withdraw  | settle a job from outside: its caller aborted, its time is up, the router closes |
 * | revoke    | take back what has not begun, wherever it waits                                  |
 * | abort     | ask what has begun to stop; after a grace period, its worker is terminated       |
 * | terminate | end a worker, whatever it is doing                                               |
 * | remove    | take out of a list, for any reason                                               |
 */
export interface Call {
  readonly kind: KindInfo;
  readonly isBatch: boolean;
  /** The jobs, in order of arrival; until the call starts, withdrawn ones are removed. */
  readonly jobs: readonly Job[];
  /** What lanes record about it. */
  readonly ticket: Ticket;
  /** Set while it runs on this thread. */
  context: RunContext | null;
  /** The trace of its first job, if the router has telemetry. */
  readonly trace: JobTrace | null;

  /** Number of jobs. */
  readonly size: number;
  /** The facts that order it in a queue. */
  readonly facts: JobFacts;
  /** Whether all its jobs are over, so that nobody waits for it. */
  readonly isForsaken: boolean;
  /** Whether it can be revoked from a worker. */
  readonly isRevocable: boolean;
  /** Whether objects in its input have been transferred to a worker. */
  readonly isMoved: boolean;

  /** The input, or the inputs of a batch. */
  payload(): unknown;
  /** Objects to transfer with the payload; once it is sent, they are detached on this side. */
  transfer(): Movable[];
  /** The trace context of each job; `undefined` if none has one. */
  traces(): readonly (TraceContext | undefined)[] | undefined;
  /** The call as it is sent to a worker. */
  message(): WorkerCall;
  /** Sets its expected run time from what was learned; of a job that may go with others, its share of theirs. */
  forecast(load: LoadGauges): void;
  /** The same for the time that it is expected to block this thread. */
  forecastHere(load: LoadGauges): void;
  /** It waits: the deadlines of its jobs are watched. */
  watch(admission: Admission): void;
  /** Drops the jobs that must not start; returns whether any is left. */
  ready(admission: Admission): boolean;
  /** It starts to run. */
  start(): void;
  /**
   * It has ended by itself: `value` is what it returned or threw, `busyMs` the time in which it kept
   * its thread busy, `NaN` if unknown.
   */
  finish(ok: boolean, value: unknown, runMs: number, busyMs: number, nowMs: number): void;
  /** It waits again: its worker died before it began. */
  waitAgain(): void;
  /** It reports progress. */
  report(progress: unknown): void;
  /** It could not be run, or its worker died. */
  fail(error: unknown, nowMs: number): void;
  /** It will not run: drops its jobs. */
  drop(reason: DropReason, nowMs: number): void;
  /** Jobs of a lost batch that may be rerun, each alone: one of them may be the culprit. */
  survivors(): readonly Job[];
}
