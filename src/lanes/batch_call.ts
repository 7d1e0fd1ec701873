import { isError } from "../error_type.ts";
import type { Admission } from "../job/admission.ts";
import type { Job } from "../job/job.ts";
import type { JobTrace } from "../observe/job_trace.ts";
import type { Movable } from "../movable.ts";
import type { DropReason } from "../outcome.ts";
import type { LoadGauges } from "../policy/load.ts";
import type { JobFacts } from "../policy/policy.ts";
import type { RunContext } from "../define/run_context.ts";
import type { TraceContext } from "../trace_context.ts";
import type { WorkerCall } from "../worker_call.ts";
import type { Call } from "../job/call.ts";
import { Ticket } from "../job/ticket.ts";

/** Jobs of one kind that run as one `runBatch` call. */
export class BatchCall implements Call {
  declare readonly kind: Job["kind"];
  declare readonly group: number | string;
  declare jobs: Job[];
  readonly ticket: Ticket = new Ticket();
  readonly isBatch = true;
  readonly isRevocable = false;
  isMoved = false;
  context: RunContext | null = null;
  #lead: JobFacts | null = null;

  /** @param group What it was gathered by. */
  constructor(first: Job, group: number | string = first.kind.index) {
    this.kind = first.kind;
    this.group = group;
    this.jobs = [first];
    first.call = this;
  }

  get size(): number {
    return this.jobs.length;
  }

  /** Those of the most urgent job; they stay even if it leaves, or a queue would lose its order. */
  get facts(): JobFacts {
    return this.#lead ??=
      this.jobs.reduce((a, b) => b.facts.priority > a.facts.priority ? b : a).facts;
  }

  get isForsaken(): boolean {
    return this.jobs.every((job) => job.isOver);
  }

  /** That of the first job; the traces of the others are linked to it. */
  get trace(): JobTrace | null {
    return this.jobs[0].trace;
  }

  add(job: Job): void {
    job.call = this;
    this.jobs.push(job);
  }

  /** Removes a job before the call has started. */
  remove(job: Job): void {
    this.jobs = this.jobs.filter((other) => other !== job);
  }

  payload(): unknown {
    return this.jobs.map((job) => job.input);
  }

  transfer(): Movable[] {
    const moved = this.jobs.flatMap((job) => job.transfer());
    this.isMoved = moved.length > 0;
    return moved;
  }

  traces(): readonly (TraceContext | undefined)[] | undefined {
    const traces = this.jobs.map((job) => job.trace?.context());
    return traces.some((trace) => trace !== undefined) ? traces : undefined;
  }

  message(): WorkerCall {
    const { seq } = this.ticket;
    const call = { seq, kind: this.kind.name, isBatch: true, payload: this.payload() };
    const traces = this.traces();
    return traces === undefined ? call : { ...call, traces };
  }

  forecast({ model }: LoadGauges): void {
    const { jobs, kind } = this;
    let ms = model.batch(kind, NaN).fixedMs;
    for (const { facts } of jobs) ms += model.batch(kind, facts.computeCost).itemMs;
    this.ticket.expectedMs = ms;
  }

  forecastHere(load: LoadGauges): void {
    this.forecast(load);
    this.ticket.expectedMs *= load.model.batchBusyShare(this.kind);
  }

  watch(admission: Admission): void {
    for (const job of this.jobs) admission.watch(job);
  }

  ready(admission: Admission): boolean {
    // A callback on a dropped job may abort another one, or take time that others do not have.
    for (let before = 0; before !== this.jobs.length;) {
      before = this.jobs.length;
      for (const job of this.jobs) job.ready(admission);
      this.jobs = this.jobs.filter((job) => !job.isOver);
    }
    return this.jobs.length > 0;
  }

  start(): void {
    for (const job of this.jobs) job.start(this.jobs.length);
  }

  finish(ok: boolean, value: unknown, runMs: number, busyMs: number, nowMs: number): void {
    const { jobs } = this;
    if (ok && !(Array.isArray(value) && value.length === jobs.length)) {
      const received = Array.isArray(value) ? `an array of length ${value.length}` : typeof value;
      const message =
        `Cannot use result of "runBatch" of kind "${this.kind.name}" as it must be an array of length ${jobs.length}: received ${received}`;
      return this.finish(false, new TypeError(message), runMs, busyMs, nowMs);
    }
    jobs[0].endBatch(ok, runMs, busyMs);
    jobs.forEach((job, i) => {
      const item = ok ? (value as unknown[])[i] : value;
      job.finish(ok && !isError(item), item, runMs, busyMs, nowMs);
    });
  }

  waitAgain(): void {
    for (const job of this.jobs) job.waitAgain();
  }

  report(progress: unknown): void {
    for (const job of this.jobs) job.report(progress);
  }

  /** Skips jobs that have moved to a call of their own. */
  fail(error: unknown, nowMs: number): void {
    for (const job of this.jobs) if (job.call === this) job.fail(error, nowMs);
  }

  drop(reason: DropReason, nowMs: number): void {
    for (const job of this.jobs) job.drop(reason, nowMs);
  }

  survivors(): readonly Job[] {
    const mayRetry = this.kind.idempotent && !this.isMoved;
    return mayRetry ? this.jobs.filter((job) => !job.isOver) : [];
  }
}
