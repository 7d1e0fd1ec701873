// An SDK must be registered before: Node's, or Deno's own with OTEL_DENO=true.
import * as api from "@opentelemetry/api";
import { createRouter } from "helixrouter";
import { otel } from "helixrouter/otel";
import jobs from "./readme/jobs.ts";

const router = await createRouter({ jobs, telemetry: otel(api) });

await api.trace.getTracer("app").startActiveSpan("request", async (request) => {
  const count = await router.run("count_primes", { limit: 200_000 });
  console.log(count, request.spanContext().traceId);
  request.end();
});
await router.close();
