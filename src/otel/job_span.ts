import type * as Api from "@opentelemetry/api";
import type { Decision, JobFacts, JobTelemetry, SettledJob, TraceContext } from "../../mod.ts";
import type { OtelApi } from "./api.ts";
import type { Instruments } from "./instruments.ts";
import { dropReasonOf, statusOf } from "./outcome_attributes.ts";
import { toTraceContext } from "./trace_context.ts";

/** `SpanStatusCode.ERROR`, as a literal: only types are imported from the API. */
const ERROR = 2 as Api.SpanStatusCode.ERROR;

/** What all jobs share. */
export interface Tracing {
  readonly api: OtelApi;
  readonly tracer: Api.Tracer;
  /** Attributes of every root span. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The spans of one job: `helix.submit`, with the children `helix.wait` and `helix.run`. */
export class JobSpan implements JobTelemetry {
  readonly #tracing: Tracing;
  readonly #instruments: Instruments | undefined;
  /** What was known of it at first. */
  readonly #decision: Decision;
  readonly #root: Api.Span;
  readonly #rootContext: Api.Context;
  /** Whether to create child spans: not for a job that is not sampled. */
  readonly #isRecorded: boolean;
  #wait: Api.Span | null = null;
  #run: Api.Span | null = null;
  /** The context of the run, once it has begun. */
  #context: Api.Context;
  #isOver = false;

  constructor(
    tracing: Tracing,
    instruments: Instruments | undefined,
    job: JobFacts,
    decision: Decision,
  ) {
    const { api, tracer } = tracing;
    const caller = api.context.active();
    const attributes: Api.Attributes = {
      ...tracing.attributes,
      "helix.job.kind": job.kind.name,
      ...attributesOf(decision),
    };
    if (job.computeCost >= 0) attributes["helix.compute_cost"] = job.computeCost;
    this.#tracing = tracing;
    this.#instruments = instruments;
    this.#decision = decision;
    this.#root = tracer.startSpan("helix.submit", { attributes }, caller);
    this.#rootContext = api.trace.setSpan(caller, this.#root);
    this.#context = this.#rootContext;
    this.#isRecorded = this.#root.isRecording();
  }

  waits(): void {
    if (this.#run !== null) {
      this.#run.setAttribute("helix.returned", true);
      this.#endRun();
    }
    if (this.#wait === null) this.#wait = this.#begin("helix.wait");
  }

  starts(batchSize: number, lead: JobTelemetry | undefined): void {
    this.#beginRun();
    if (batchSize === 1) return;
    this.#root.setAttribute("helix.batch_size", batchSize);
    if (!(lead instanceof JobSpan)) return;
    this.#run?.addLink({ context: lead.#contextOfRun() });
    lead.#run?.addLink({ context: this.#root.spanContext() });
  }

  context(): TraceContext | undefined {
    this.#beginRun();
    return toTraceContext(this.#tracing.api, this.#context);
  }

  run(fn: () => void): void {
    this.#tracing.api.context.with(this.#context, fn);
  }

  settled(job: SettledJob): void {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      this.#instruments?.record(job, this.#rootContext);
      if (this.#isRecorded) this.#describe(job);
    } finally {
      endAll([this.#wait, this.#run, this.#root]);
    }
  }

  #contextOfRun(): Api.SpanContext {
    return (this.#run ?? this.#root).spanContext();
  }

  #begin(name: string): Api.Span | null {
    if (!this.#isRecorded || this.#isOver) return null;
    return this.#tracing.tracer.startSpan(name, undefined, this.#rootContext);
  }

  #beginRun(): void {
    if (this.#run !== null || !this.#isRecorded || this.#isOver) return;
    const wait = this.#wait;
    this.#wait = null;
    wait?.end();
    this.#run = this.#begin("helix.run")!;
    this.#context = this.#tracing.api.trace.setSpan(this.#rootContext, this.#run);
  }

  #endRun(): void {
    const run = this.#run;
    this.#run = null;
    this.#context = this.#rootContext;
    run?.end();
  }

  /** Records how the job ended. */
  #describe(job: SettledJob): void {
    const { status, value, decision } = job;
    if (decision !== this.#decision) { // it has waited for room
      this.#root.setAttributes(attributesOf(decision));
    }
    this.#root.setAttributes({
      "helix.status": statusOf(job),
      "helix.within_budget": job.withinBudget,
    });
    const dropReason = dropReasonOf(job);
    if (dropReason !== undefined) this.#root.setAttribute("helix.drop_reason", dropReason);
    if (status !== "failed" && status !== "timedOut") return;
    const exception = exceptionOf(value);
    const { name, message } = exception;
    this.#run?.setStatus({ code: ERROR, message });
    this.#root.recordException(exception);
    this.#root.setAttribute("error.type", name);
    this.#root.setStatus({ code: ERROR, message });
  }
}

/** What was decided, and what was predicted then. */
function attributesOf(decision: Decision): Api.Attributes {
  const { strategy, reason, predictedWaitMs, predictedRunMs, predictedHighMs } = decision;
  const attributes: Api.Attributes = { "helix.strategy": strategy, "helix.reason": reason };
  if (predictedWaitMs! >= 0) attributes["helix.predicted_wait_ms"] = predictedWaitMs;
  if (predictedRunMs! >= 0) attributes["helix.predicted_run_ms"] = predictedRunMs;
  if (predictedHighMs! >= 0) attributes["helix.predicted_high_ms"] = predictedHighMs;
  return attributes;
}

/** What a job threw, if that is an error; otherwise the router's own error. */
function exceptionOf(value: unknown): Error {
  const error = value as Error;
  return error.name === "JobFailedError" && error.cause instanceof Error ? error.cause : error;
}

/** Ends all spans, even if ending one throws. */
function endAll([span, ...others]: readonly (Api.Span | null)[]): void {
  try {
    span?.end();
  } finally {
    if (others.length > 0) endAll(others);
  }
}
