import type { BusyShares } from "../busy_shares.ts";
import type { Clock } from "../clock.ts";
import type { Job } from "../job/job.ts";
import { runKind } from "../define/job_stack.ts";
import type { JobContext } from "../define/jobs.ts";
import type { JobTrace } from "../observe/job_trace.ts";
import { isThenable } from "../thenable.ts";
import type { AsyncLimits } from "./async_limit.ts";

/** What can run on this thread: a job, or a call of one or more jobs. */
export interface Runnable {
  readonly kind: Job["kind"];
  readonly isBatch: boolean;
  readonly jobs: readonly Job[];
  readonly trace: JobTrace | null;
  payload(): unknown;
  finish(ok: boolean, value: unknown, runMs: number, busyMs: number, nowMs: number): void;
}

/** Notified when a call on this thread has ended, whether or not anyone still waits for it. */
export interface Host {
  /** How long asynchronous runs keep this thread busy after they have returned. */
  readonly shares: BusyShares;
  /** How many asynchronous runs of a kind there may be. */
  readonly limits: AsyncLimits;
  /** The call has returned a promise, after it kept this thread busy for `busyMs`. */
  paused(busyMs: number): void;
  /** The call no longer runs; since it began or paused, it kept this thread busy for `busyMs`. */
  returned(call: Runnable, busyMs: number): void;
}

/**
 * Runs a call on this thread, started at `startMs`. A synchronous one has ended when this returns.
 */
export function runHere(
  call: Runnable,
  context: JobContext,
  clock: Clock,
  host: Host,
  startMs: number,
): void {
  let ok = true;
  let value: unknown;
  let pending = false;
  try {
    value = call.trace !== null
      ? runTraced(call.trace, call, context)
      : runKind(call.kind.body, call.isBatch, call.payload(), context);
    pending = isThenable(value);
  } catch (error) {
    ok = false;
    value = error;
  }
  if (pending) return follow(value as PromiseLike<unknown>, call, clock, host, startMs);
  const nowMs = clock.now();
  const runMs = nowMs - startMs;
  host.returned(call, runMs);
  call.finish(ok, value, runMs, runMs, nowMs);
}

/** A separate function: a closure slows down the function it is in, even when it is not reached. */
function runTraced(trace: JobTrace, call: Runnable, context: JobContext): unknown {
  return trace.run(() => runKind(call.kind.body, call.isBatch, call.payload(), context));
}

/** Waits for a run that returned a promise. A thenable's second callback is ignored. */
export function follow(
  run: PromiseLike<unknown>,
  call: Runnable,
  clock: Clock,
  host: Host,
  startMs: number,
): void {
  const pausedAtMs = clock.now();
  const busyMs = pausedAtMs - startMs;
  const markMs = host.shares.begin(pausedAtMs, busyMs);
  const cohort = host.limits.begin(call.kind.index);
  host.paused(busyMs);
  let isHeard = false;
  const hear = (ok: boolean, value: unknown): void => {
    if (isHeard) return;
    isHeard = true;
    const nowMs = clock.now();
    const runMs = nowMs - startMs;
    const laterMs = host.shares.end(nowMs) - markMs;
    host.limits.end(call.kind.index, ok && !call.isBatch ? runMs : NaN, cohort);
    host.returned(call, 0);
    call.finish(ok, value, runMs, Math.min(runMs, busyMs + laterMs), nowMs);
  };
  try {
    run.then((value) => hear(true, value), (error) => hear(false, error));
  } catch (error) {
    hear(false, error);
  }
}
