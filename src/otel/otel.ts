import type { JobTelemetry, RouterStats, Telemetry } from "../../mod.ts";
import type { OtelApi } from "./api.ts";
import { Instruments } from "./instruments.ts";
import { JobSpan, type Tracing } from "./job_span.ts";

/** Name of the tracer and of the meter. */
const SCOPE = "helixrouter";

/** Options of `otel()`. */
export interface OtelOptions {
  /**
   * Attributes on every root span and every metric, such as `{ "helix.router": "images" }`, to tell
   * several routers of a process apart. @default {{}}
   */
  readonly attributes?: Readonly<Record<string, string>>;
}

/**
 * Reports a router's jobs to OpenTelemetry. Names and attributes are stable: see "Stability" in the
 * README.
 *
 * **Spans.** Each job is a span `helix.submit`, a child of the span that is active at `submit()`
 * (with an asynchronous schema, it starts after validation), with `helix.job.kind`,
 * `helix.strategy`, `helix.reason`, `helix.compute_cost` (if known), and at its end `helix.status`
 * (`completed`, `failed`, `dropped`, `cancelled`, `timed_out`), `helix.within_budget`,
 * `helix.drop_reason`. Its children are `helix.wait` (in a queue; not for inline jobs) and
 * `helix.run` (for a worker, it starts when the job is handed over; a short job may wait there
 * behind others for a few ms). A job that was given back, or whose worker was lost, waits and runs
 * again: the `helix.run` that ended early has `helix.returned`. Failed and timed out jobs have the
 * status ERROR, `error.type` and the exception; drops and cancellations are not errors.
 *
 * **In the job.** Inline and spawned jobs run with `helix.run` as the active span, and see the
 * caller's `AsyncLocalStorage` values. In a worker, continue the trace from `ctx.trace`:
 * `propagation.extract(context.active(), ctx.trace)`. It always holds `traceparent`, and what the
 * registered propagator adds, such as baggage. The jobs of a batch run as one call, within the
 * `helix.run` of the first one, which links to the `helix.submit` of the others; their `helix.run`
 * link back to it, and all have `helix.batch_size`.
 *
 * **Metrics.** Counter `helix.jobs`, histograms `helix.job.duration`, `helix.job.wait.duration` and
 * `helix.job.run.duration` (s; jobs that ran), by kind, strategy, status and drop reason. Read from
 * `router.stats()` when collected: `helix.job.active`, `helix.job.waiting_for_room`, `helix.queue.depth`
 * and `helix.queue.capacity` by strategy, `helix.workers` by `helix.worker.state`,
 * `helix.worker.starts`, `helix.worker.crashes` by `helix.crash_cause`, `helix.worker.recycles`, `helix.worker.losses`,
 * `helix.submit.refusals` by `helix.refusal`, `helix.prediction.under_bound`,
 * `helix.prediction.sharpness` and `helix.decision.regret` (s) by kind, `helix.event_loop.lag` (s). The meter is created with
 * the router: register the SDK before.
 *
 * @example Usage
 * ```ts
 * import * as api from "@opentelemetry/api";
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { otel } from "helixrouter/otel";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ double: { cost: 1, run: (n: number) => n * 2 } });
 * const telemetry = otel(api, { attributes: { "helix.router": "numbers" } });
 * const router = await createRouter({ jobs, telemetry });
 * assert.equal(await router.run("double", 21), 42);
 * await router.close();
 * ```
 *
 * @param api The module `@opentelemetry/api`.
 * @param options Additional options.
 * @returns The `telemetry` option of `createRouter()`.
 */
export function otel(api: OtelApi, options: OtelOptions = {}): Telemetry {
  const attributes = options.attributes ?? {};
  const tracing: Tracing = { api, tracer: api.trace.getTracer(SCOPE), attributes };
  let instruments: Instruments | undefined;
  return {
    submitted(job, decision): JobTelemetry {
      return new JobSpan(tracing, instruments, job, decision);
    },
    observe(stats: () => RouterStats): () => void {
      instruments ??= new Instruments(api.metrics.getMeter(SCOPE), attributes);
      return instruments.observe(stats);
    },
  };
}
