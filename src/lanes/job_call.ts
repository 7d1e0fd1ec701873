import type { Job } from "../job.ts";
import type { KindInfo } from "../kind.ts";
import type { DropReason } from "../outcome.ts";
import type { JobFacts } from "../policy/policy.ts";
import { Call } from "./call.ts";

const NO_JOBS: readonly Job[] = Object.freeze([]);

/** One job on its way through a queue. */
export class JobCall extends Call {
  readonly job: Job;

  constructor(job: Job) {
    super();
    this.job = job;
    job.call = this;
  }

  get kind(): KindInfo {
    return this.job.kind;
  }

  get isBatch(): boolean {
    return false;
  }

  get size(): number {
    return 1;
  }

  get facts(): JobFacts {
    return this.job;
  }

  payload(): unknown {
    return this.job.input;
  }

  forecastMs(): number {
    return this.job.forecastMs();
  }

  transfer(): Transferable[] {
    return this.job.transfer();
  }

  ready(nowMs: number): boolean {
    return this.job.ready(nowMs);
  }

  drop(reason: DropReason, nowMs: number): void {
    this.job.drop(reason, nowMs);
  }

  start(): void {
    this.job.start();
  }

  finish(ok: boolean, value: unknown, runMs: number, nowMs: number): void {
    this.job.finish(ok, value, runMs, nowMs);
  }

  fail(error: unknown, nowMs: number): void {
    this.job.fail(error, nowMs);
  }

  survivors(): readonly Job[] {
    return NO_JOBS;
  }
}
