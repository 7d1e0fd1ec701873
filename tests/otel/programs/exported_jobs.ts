import * as api from "@opentelemetry/api";
import { defineJobs, type JobContext } from "../../../src/define/jobs.ts";

/** Makes a span of its own, by whatever SDK is registered where it runs. */
function makeSpan(context: api.Context): void {
  api.trace.getTracer("jobs").startSpan("own", undefined, context).end();
}

export default defineJobs(import.meta.url, {
  here: { run: (_input: null) => makeSpan(api.context.active()) },
  away: {
    run: (_input: null, { trace }: JobContext) =>
      makeSpan(api.propagation.extract(api.ROOT_CONTEXT, trace)),
  },
});
