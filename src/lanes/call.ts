import type { Clock } from "../clock.ts";
import type { Job } from "../job.ts";
import type { KindInfo } from "../kind.ts";
import type { Movable } from "../movable.ts";
import type { DropReason } from "../outcome.ts";
import type { JobFacts } from "../policy/policy.ts";
import type { RunContext } from "../run_context.ts";
import { AHEAD_MS, type Slot } from "./cpu_pool/slot.ts";

/**
 * What a lane runs at a time: one job, or a batch of jobs of one kind as one `runBatch`. The
 * queue's links live in the call itself, so that leaving a queue is O(1).
 */
export class Call {
  kind: KindInfo;
  readonly isBatch: boolean;
  /** The jobs, in order of arrival; those settled from outside leave until the call starts. */
  jobs: Job[];
  previous: Call | null = null;
  next: Call | null = null;
  /** Level of the queue it waits in; -1 when it does not wait. */
  level = -1;
  /** Place in a queue of the policy's own order; -1 when it does not wait there. */
  place = -1;
  /** When it joined its queue, on the router's clock. */
  queuedAtMs = 0;
  /** Its part of the queue's expected work, in ms; `NaN` when unknown. */
  expectedMs: number = NaN;
  /** Set while it runs on this thread. */
  context: RunContext | null = null;
  /** Number under which a worker has it. */
  seq = 0;
  /** Set while a worker has it. */
  slot: Slot | null = null;
  /** Its part of the work a worker holds, in ms. */
  weightMs = 0;
  /** Whether it is among what waits for the pool. */
  isCounted = false;
  /** Workers that died while it waited in them. */
  deaths = 0;
  /** Whether it is to show if its kind, which has killed workers, still does. */
  isProbe = false;
  /** When its worker is ended if it runs without anyone waiting for it, on the router's clock. */
  endsAtMs: number = Infinity;
  #lead: JobFacts | null = null;
  #isMoved = false;

  constructor(first: Job, isBatch: boolean) {
    this.kind = first.kind;
    this.isBatch = isBatch;
    this.jobs = [first];
    first.call = this;
  }

  /** A call that is over serves for another job: a pool of them costs less than making each anew. */
  reuse(job: Job): this {
    this.kind = job.kind;
    this.jobs[0] = job;
    job.call = this;
    this.endsAtMs = Infinity;
    this.isProbe = false;
    this.deaths = 0;
    this.#lead = null;
    this.#isMoved = false;
    return this;
  }

  get size(): number {
    return this.jobs.length;
  }

  /** The most urgent job speaks for all; even if it leaves, or a queue would lose its order. */
  get facts(): JobFacts {
    return this.#lead ??= this.jobs.reduce((a, b) => b.priority > a.priority ? b : a);
  }

  /** Whether it is in a queue. */
  get isQueued(): boolean {
    return this.level >= 0 || this.place >= 0;
  }

  /** Whether no one waits for it any more. */
  get isForsaken(): boolean {
    return this.jobs.every((job) => job.isOver);
  }

  add(job: Job): void {
    job.call = this;
    this.jobs.push(job);
  }

  /** Takes a job out before the call has started. */
  remove(job: Job): void {
    this.jobs = this.jobs.filter((other) => other !== job);
  }

  /** Whether it may wait in a worker: it can be taken back, and is expected to be short. */
  get mayWaitInWorker(): boolean {
    return !this.isBatch && this.expectedMs < AHEAD_MS && !this.jobs[0].mayMove;
  }

  /** The input, or the inputs of a batch. */
  payload(): unknown {
    return this.isBatch ? this.jobs.map((job) => job.input) : this.jobs[0].input;
  }

  /** Objects that are moved with the payload: once it is sent, this side has it no more. */
  transfer(): Movable[] {
    const { jobs } = this;
    const moved = this.isBatch ? jobs.flatMap((job) => job.transfer()) : jobs[0].transfer();
    this.#isMoved = moved.length > 0;
    return moved;
  }

  /** Time it is expected to run, in ms; `NaN` when unknown. */
  forecastMs(): number {
    let sum = 0;
    for (const job of this.jobs) sum += this.kind.expectedMs(job.computeCost);
    return sum;
  }

  /** Settles the jobs that must not run any more; tells whether any is left. */
  ready(clock: Clock): boolean {
    if (!this.isBatch) return this.jobs[0].ready(clock);
    // Whoever hears of a dropped job may abort another one, or take time that others do not have.
    for (let before = 0; before !== this.jobs.length;) {
      before = this.jobs.length;
      for (const job of this.jobs) job.ready(clock);
      this.jobs = this.jobs.filter((job) => !job.isOver);
    }
    return this.jobs.length > 0;
  }

  /** It runs from now on. */
  start(): void {
    for (const job of this.jobs) job.start(this.jobs.length);
  }

  /** It has ended by itself: `value` is what it gave, or what it threw. */
  finish(ok: boolean, value: unknown, runMs: number, nowMs: number): void {
    const { jobs } = this;
    if (!this.isBatch) return jobs[0].finish(ok, value, runMs, nowMs);
    if (ok && !(Array.isArray(value) && value.length === jobs.length)) {
      const received = Array.isArray(value) ? `an array of ${value.length}` : typeof value;
      const message =
        `Cannot use result of "runBatch" of kind "${this.kind.name}" as it must be an array of ${jobs.length}: received ${received}`;
      return this.finish(false, new TypeError(message), runMs, nowMs);
    }
    jobs.forEach((job, i) => {
      const item = ok ? (value as unknown[])[i] : value;
      job.finish(ok && !(item instanceof Error), item, runMs, nowMs);
    });
  }

  /** It waits again: its worker died before it had begun. */
  waitAgain(): void {
    for (const job of this.jobs) if (!job.isOver) job.retry(job.lane!);
  }

  /** Whether what it was to be given is gone with a worker. */
  get isMoved(): boolean {
    return this.#isMoved;
  }

  /** It tells how far it is. */
  report(progress: unknown): void {
    for (const job of this.jobs) job.report(progress);
  }

  /** It could not be run, or its worker died. Jobs that have left for another call stay out. */
  fail(error: unknown, nowMs: number): void {
    for (const job of this.jobs) if (job.call === this) job.end("failed", error, nowMs);
  }

  /** It will not run. */
  drop(reason: DropReason, nowMs: number): void {
    for (const job of this.jobs) job.end("dropped", reason, nowMs);
  }

  /** Jobs of a lost batch that may run again, each alone: one of them may be the culprit. */
  survivors(): readonly Job[] {
    const mayRetry = this.isBatch && this.kind.idempotent && !this.#isMoved;
    return mayRetry ? this.jobs.filter((job) => !job.isOver) : [];
  }
}
