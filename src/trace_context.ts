/**
 * What carries a trace from one thread or program to the next, as HTTP headers would: W3C trace
 * context, and whatever else the telemetry puts in.
 */
export interface TraceContext {
  /** The trace, the span in it, and whether it is recorded. */
  readonly traceparent: string;
  /** What tracing systems add to it. */
  readonly tracestate?: string;
  /** Further headers, such as `baggage`. */
  readonly [header: string]: string | undefined;
}
