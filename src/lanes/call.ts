import type { Job } from "../job.ts";
import type { KindInfo } from "../kind.ts";
import type { DropReason } from "../outcome.ts";
import type { JobFacts } from "../policy/policy.ts";
import type { RunContext } from "../run_context.ts";
import type { Slot } from "./cpu_pool/slot.ts";

/**
 * What a lane runs at a time: one job, or a batch of jobs of one kind. The queue's links live in
 * the call itself, so that queueing allocates nothing and leaving a queue is O(1).
 */
export abstract class Call {
  previous: Call | null = null;
  next: Call | null = null;
  /** Level of the queue it waits in; -1 when it does not wait. */
  level = -1;
  /** Place in a queue of the policy's own order; -1 when it does not wait there. */
  place = -1;
  /** When it joined its queue, on the router's clock. */
  queuedAtMs = 0;
  /** Its part of the queue's expected work; `NaN` when unknown. */
  expectedMs: number = NaN;
  /** Set while it runs on this thread. */
  context: RunContext | null = null;
  /** Set while a worker has it. */
  slot: Slot | null = null;

  /** The kind of all its jobs. */
  abstract readonly kind: KindInfo;
  /** Whether it is one `runBatch` rather than one `run`. */
  abstract readonly isBatch: boolean;
  /** Jobs in it. */
  abstract readonly size: number;
  /** The job that speaks for it where an order is asked for. */
  abstract readonly facts: JobFacts;
  /** The input, or the inputs of a batch. */
  abstract payload(): unknown;
  /** Time it is expected to run, in ms; `NaN` when unknown. */
  abstract forecastMs(): number;
  /** Objects that are moved with the payload. */
  abstract transfer(): Transferable[];
  /**
   * Called when it is about to run: settles what must not run any more.
   *
   * @returns Whether anything is left to run.
   */
  abstract ready(nowMs: number): boolean;
  /** It will not run: its jobs are dropped. */
  abstract drop(reason: DropReason, nowMs: number): void;
  /** It runs from now on. */
  abstract start(): void;
  /** It has ended by itself: `value` is what it gave, or what it threw. */
  abstract finish(ok: boolean, value: unknown, runMs: number, nowMs: number): void;
  /** It could not be run, or its worker died: `error` is what its jobs reject with. */
  abstract fail(error: unknown, nowMs: number): void;
  /** Jobs that may be run again, each alone, after their worker died. */
  abstract survivors(): readonly Job[];
}
