import * as api from "@opentelemetry/api";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import process from "node:process";
import { defineJobs, type JobContext, type TraceContext } from "../../src/define/jobs.ts";
import { type Flags, isUp, raise, RELEASED, STARTED } from "../fixtures/flags.ts";
import { until } from "../fixtures/until.ts";

/** What a job sees of its trace. */
export interface Seen {
  readonly trace: TraceContext | undefined;
  readonly traces: readonly (TraceContext | undefined)[];
}

const seen = ({ trace, traces }: JobContext): Seen => ({ trace, traces });

const tracer = new BasicTracerProvider().getTracer("jobs");

/** Jobs that look at their trace, go on with it, or end badly. */
export default defineJobs(import.meta.url, {
  see: {
    run: (_input: unknown, context: JobContext) => seen(context),
    runBatch: (inputs: readonly unknown[], context: JobContext) => inputs.map(() => seen(context)),
  },
  /** What it sees of its trace once others have run meanwhile. */
  seeLater: {
    run: async (flags: Flags, context: JobContext) => {
      raise(flags, STARTED);
      await until(() => isUp(flags, RELEASED));
      return seen(context);
    },
  },
  /** Goes on with the trace, wherever it runs; gives the ids of its own span and of the parent. */
  goOn: {
    run: (_input: null, { trace }: JobContext) => {
      const headers = { ...trace };
      const [, traceId, parentId] = headers.traceparent!.split("-");
      const parent = api.trace.setSpanContext(api.ROOT_CONTEXT, {
        traceId,
        spanId: parentId,
        traceFlags: 1,
        isRemote: true,
      });
      const span = tracer.startSpan("own", undefined, parent);
      span.end();
      return { traceId: span.spanContext().traceId, parentId, headers };
    },
  },
  echo: { run: (input: unknown) => input },
  hold: {
    run: async (flags: Flags, { signal }: JobContext) => {
      raise(flags, STARTED);
      await until(() => isUp(flags, RELEASED) || signal.aborted);
      return signal.aborted ? "stopped" : "released";
    },
  },
  fail: {
    run: (message: string): number => {
      throw new RangeError(message);
    },
  },
  exit: { run: (code: number): number => process.exit(code) },
  exitTogether: {
    idempotent: true,
    run: (n: number) => n,
    runBatch: (_inputs: readonly number[]): number[] => process.exit(3),
  },
});
