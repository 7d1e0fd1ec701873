import type * as Api from "@opentelemetry/api";
import type { TraceContext } from "../../mod.ts";
import type { OtelApi } from "./api.ts";

const NO_TRACE = /^0*$/;

/**
 * Injects a context into headers: W3C trace context, whatever is registered, and what the
 * registered propagator adds. `undefined` if there is no trace.
 */
export function toTraceContext(api: OtelApi, context: Api.Context): TraceContext | undefined {
  const span = api.trace.getSpanContext(context);
  if (span === undefined || NO_TRACE.test(span.traceId) || NO_TRACE.test(span.spanId)) {
    return undefined;
  }
  const headers: Record<string, string> = {};
  api.propagation.inject(context, headers);
  const flags = (span.traceFlags & 0xff).toString(16).padStart(2, "0");
  const traceparent = `00-${span.traceId}-${span.spanId}-${flags}`;
  const tracestate = span.traceState?.serialize();
  return { ...headers, traceparent, ...(tracestate ? { tracestate } : {}) };
}
