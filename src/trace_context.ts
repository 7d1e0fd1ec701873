/**
 * Propagates a trace from one thread or process to the next, like HTTP headers: W3C Trace Context,
 * and whatever else the telemetry adds.
 */
export interface TraceContext {
  /** Trace id, parent span id and trace flags. */
  readonly traceparent: string;
  /** Vendor-specific data. */
  readonly tracestate?: string;
  /** Further headers, such as `baggage`. */
  readonly [header: string]: string | undefined;
}
