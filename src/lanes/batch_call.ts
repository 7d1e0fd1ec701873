import type { Timer } from "../clock.ts";
import type { Job } from "../job.ts";
import type { KindInfo } from "../kind.ts";
import type { DropReason } from "../outcome.ts";
import type { JobFacts } from "../policy/policy.ts";
import { Call } from "./call.ts";

/** Several jobs of one kind that run as one `runBatch` call. */
export class BatchCall extends Call {
  readonly kind: KindInfo;
  /** The jobs, in order of arrival; those settled from outside leave until the call starts. */
  jobs: Job[] = [];
  /** While it gathers: when it is closed, and the timer for that. */
  closesAtMs: number = Infinity;
  timer: Timer | null = null;
  isGathering = true;

  constructor(kind: KindInfo) {
    super();
    this.kind = kind;
  }

  get isBatch(): boolean {
    return true;
  }

  get size(): number {
    return this.jobs.length;
  }

  /** The most urgent job speaks for all. */
  get facts(): JobFacts {
    let first = this.jobs[0];
    for (const job of this.jobs) if (job.priority > first.priority) first = job;
    return first;
  }

  /** Whether no one waits for it any more. */
  get isForsaken(): boolean {
    return this.jobs.every((job) => job.isOver);
  }

  payload(): unknown {
    return this.jobs.map((job) => job.input);
  }

  transfer(): Transferable[] {
    return this.jobs.flatMap((job) => job.transfer());
  }

  forecastMs(): number {
    let sum = 0;
    for (const job of this.jobs) sum += job.forecastMs();
    return sum;
  }

  add(job: Job): void {
    job.call = this;
    this.jobs.push(job);
  }

  /** Takes a job out before the call has started. */
  remove(job: Job): void {
    this.jobs = this.jobs.filter((other) => other !== job);
  }

  ready(nowMs: number): boolean {
    this.jobs = this.jobs.filter((job) => job.ready(nowMs));
    return this.jobs.length > 0;
  }

  drop(reason: DropReason, nowMs: number): void {
    for (const job of this.jobs) job.drop(reason, nowMs);
  }

  start(): void {
    for (const job of this.jobs) {
      job.batchSize = this.jobs.length;
      job.start();
    }
  }

  finish(ok: boolean, value: unknown, runMs: number, nowMs: number): void {
    const jobs = this.jobs;
    if (!ok) {
      for (const job of jobs) job.finish(false, value, runMs, nowMs);
      return;
    }
    if (!Array.isArray(value) || value.length !== jobs.length) {
      const received = Array.isArray(value) ? `an array of ${value.length}` : typeof value;
      const error = new TypeError(
        `Cannot use result of "runBatch" of kind "${this.kind.name}" as it must be an array of ${jobs.length}: received ${received}`,
      );
      for (const job of jobs) job.finish(false, error, runMs, nowMs);
      return;
    }
    for (let i = 0; i < jobs.length; i++) {
      jobs[i].finish(!(value[i] instanceof Error), value[i], runMs, nowMs);
    }
  }

  /** Jobs that have left for a call of their own are not concerned. */
  fail(error: unknown, nowMs: number): void {
    for (const job of this.jobs) if (job.call === this) job.fail(error, nowMs);
  }

  /** Jobs of an idempotent kind get one more try, each alone: one of them may be the culprit. */
  survivors(): readonly Job[] {
    return this.kind.idempotent ? this.jobs.filter((job) => !job.isOver) : [];
  }
}
