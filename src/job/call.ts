import type { RunContext } from "../define/run_context.ts";
import type { RunTimeModel } from "../model/model.ts";
import type { Movable } from "../movable.ts";
import type { JobTrace } from "../observe/job_trace.ts";
import type { DropReason } from "../outcome.ts";
import type { JobFacts } from "../policy/policy.ts";
import type { KindInfo } from "../submit/kind.ts";
import type { TraceContext } from "../trace_context.ts";
import type { WorkerCall } from "../worker_call.ts";
import type { Admission } from "./admission.ts";
import type { Job } from "./job.ts";
import type { Ticket } from "./ticket.ts";

/**
 * What a lane runs at a time: a job, or a batch of jobs of one kind as one `runBatch`. An interface, as
 * engines make objects of derived classes much slower, and one is made for each job.
 *
 * Ending what need not run any more has the same word on every layer, from the job over lanes,
 * dispatcher, pool and port to the worker:
 *
 * | word      | meaning                                                                              |
 * | --------- | ------------------------------------------------------------------------------------ |
 * | withdraw  | settle a job from outside: its caller aborted, its time is over, the router closes   |
 * | revoke    | take back what has not begun, from wherever it waits                                 |
 * | abort     | tell what has begun to stop; a worker that still goes on after a grace is terminated |
 * | terminate | put an end to a worker, whatever it does                                             |
 * | remove    | take out of a list, for whatever cause                                               |
 */
export interface Call {
  readonly kind: KindInfo;
  readonly isBatch: boolean;
  /** The jobs, in order of arrival; those settled from outside leave until the call starts. */
  readonly jobs: readonly Job[];
  /** What lanes note of it. */
  readonly ticket: Ticket;
  /** Set while it runs on this thread. */
  context: RunContext | null;
  /** The trace of its first job, if the router has telemetry. */
  readonly trace: JobTrace | null;

  /** Number of jobs. */
  readonly size: number;
  /** The facts that order it in a queue. */
  readonly facts: JobFacts;
  /** Whether nobody waits for it any more. */
  readonly isForsaken: boolean;
  /** Whether it can be revoked from a worker. */
  readonly isRevocable: boolean;
  /** Whether objects of its input have been moved to a worker. */
  readonly isMoved: boolean;

  /** The input, or the inputs of a batch. */
  payload(): unknown;
  /** Objects that are moved with the payload: once it is sent, this side has them no more. */
  transfer(): Movable[];
  /** What carries the trace of each job; `undefined` when there is none. */
  traces(): readonly (TraceContext | undefined)[] | undefined;
  /** The call as a worker gets it. */
  message(): WorkerCall;
  /** Notes the time it is expected to run. */
  forecast(model: RunTimeModel): void;
  /** Settles the jobs that must not run any more; tells whether any is left. */
  ready(admission: Admission): boolean;
  /** It runs from now on. */
  start(): void;
  /** It has ended by itself: `value` is what it gave, or what it threw. */
  finish(ok: boolean, value: unknown, runMs: number, nowMs: number): void;
  /** It waits again: its worker died before it had begun. */
  waitAgain(): void;
  /** It tells how far it is. */
  report(progress: unknown): void;
  /** It could not be run, or its worker died. */
  fail(error: unknown, nowMs: number): void;
  /** It will not run. */
  drop(reason: DropReason, nowMs: number): void;
  /** Jobs of a lost batch that may run again, each alone: one of them may be the culprit. */
  survivors(): readonly Job[];
}
