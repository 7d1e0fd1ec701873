import type * as Api from "@opentelemetry/api";

/** The part of `@opentelemetry/api` 1.9 or later that is used; `import * as api` matches it. */
export interface OtelApi {
  /** The context API. */
  readonly context: Pick<Api.ContextAPI, "active" | "with">;
  /** The trace API. */
  readonly trace: Pick<Api.TraceAPI, "getTracer" | "setSpan" | "getSpanContext">;
  /** The metrics API. */
  readonly metrics: Pick<Api.MetricsAPI, "getMeter">;
  /** The propagation API. */
  readonly propagation: Pick<Api.PropagationAPI, "inject">;
}
