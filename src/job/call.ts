import type { Clock } from "../clock.ts";
import type { Job } from "./job.ts";
import type { JobTrace } from "../observe/job_trace.ts";
import type { KindInfo } from "../submit/kind.ts";
import type { Movable } from "../movable.ts";
import type { DropReason } from "../outcome.ts";
import type { JobFacts } from "../policy/policy.ts";
import type { RunContext } from "../define/run_context.ts";
import type { TraceContext } from "../trace_context.ts";
import type { Ticket } from "./ticket.ts";

/**
 * A worker is handed calls ahead of time as long as what it holds is expected to run for less than
 * this: many short calls, one long one.
 */
export const AHEAD_MS = 2;

/**
 * One call of up to this time may wait behind another that is not short either: a worker then goes on
 * at once, even if the router's thread has to wait for a core.
 */
export const FOLLOW_MS = 20;

/**
 * What a lane runs at a time: a job, or a batch of jobs of one kind as one `runBatch`. What queues
 * and workers note of it stands in the call itself, so that leaving them is O(1). An interface, as
 * engines make objects of derived classes much slower, and one is made for each job.
 *
 * What is done when it need not be run any more has the same word on every layer, from the job over
 * lanes, dispatcher, pool and port to the worker:
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
  /** Who hears of its run on this thread, if the router has telemetry. */
  readonly trace: JobTrace | null;

  /** Jobs in it. */
  readonly size: number;
  /** What speaks for it in a queue. */
  readonly facts: JobFacts;
  /** Whether no one waits for it any more. */
  readonly isForsaken: boolean;
  /** Whether it may wait in a worker: it can be revoked, and is not expected to run for long. */
  readonly mayWaitInWorker: boolean;
  /** Whether what it was to be given is gone with a worker. */
  readonly isMoved: boolean;

  /** The input, or the inputs of a batch. */
  payload(): unknown;
  /** Objects that are moved with the payload: once it is sent, this side has it no more. */
  transfer(): Movable[];
  /** What carries the trace of each job; `undefined` when there is none. */
  traces(): readonly (TraceContext | undefined)[] | undefined;
  /** Forms an expectation of the time it will run. */
  forecast(): void;
  /** Settles the jobs that must not run any more; tells whether any is left. */
  ready(clock: Clock): boolean;
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

/** A call's part of the work that a worker holds, in ms. */
export function weightMsOf(call: Call): number {
  const { expectedMs } = call.ticket;
  return expectedMs < AHEAD_MS ? expectedMs : AHEAD_MS;
}
