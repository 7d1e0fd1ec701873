/**
 * Traces and metrics with OpenTelemetry.
 *
 * Set up an SDK first (Node's, Deno's own with `OTEL_DENO=true`, or any other that registers itself
 * with `@opentelemetry/api`), then pass the API:
 *
 * ```ts
 * import * as api from "@opentelemetry/api";
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { otel } from "helixrouter/otel";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ greet: { cost: 1, run: (name: string) => `Hello ${name}` } });
 * const router = await createRouter({ jobs, telemetry: otel(api) });
 * assert.equal(await router.run("greet", "world"), "Hello world"); // a span helix.submit
 * await router.close();
 * ```
 *
 * @module
 */

export { otel, type OtelOptions } from "./otel.ts";
export type { OtelApi } from "./api.ts";
export type { JobTelemetry, Telemetry, TraceContext } from "../../mod.ts";
