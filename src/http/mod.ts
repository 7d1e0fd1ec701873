/**
 * A router over HTTP: a Hono app that takes jobs and reports figures, and a server for it on Deno,
 * Bun and Node.
 *
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { createHttpApp, serve } from "helixrouter/http";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ greet: { cost: 1, run: (name: string) => `Hello ${name}` } });
 * const router = await createRouter({ jobs });
 * const served = await serve(createHttpApp(router), { port: 0 });
 *
 * const response = await fetch(`${served.url}/api/jobs/greet`, {
 *   method: "POST",
 *   headers: { "content-type": "application/json" },
 *   body: JSON.stringify({ input: "world" }),
 * });
 * assert.equal((await response.json()).output, "Hello world");
 *
 * await served.close();
 * await router.close();
 * ```
 *
 * @module
 */

export type {
  Endpoint,
  Forbidden,
  HttpApp,
  HttpSchema,
  Nothing,
  Refused,
  Unreadable,
} from "./api/endpoints.ts";
export { ERROR_CODES, type ErrorBody, type ErrorCode, type HttpIssue } from "./api/error.ts";
export type {
  BatchBody,
  BatchLine,
  BatchRequest,
  CompletedBody,
  CompletedLine,
  DroppedBody,
  DroppedLine,
  FailedLine,
  HttpHints,
  JobBody,
  JobRequest,
} from "./api/jobs.ts";
export type {
  ConfigBody,
  ConfigChange,
  ConfigRequest,
  DecisionsBody,
  DecisionsRequest,
  DemoBody,
  DemoRequest,
  ExplainBody,
  ExplainRequest,
  HealthBody,
  ReadinessBody,
  StatsBody,
} from "./api/operation.ts";
export { createHttpApp, type HttpAppOptions, type ServedRouter } from "./app.ts";
export { tokenOf } from "./app_parts.ts";
export {
  offload,
  type OffloadHandler,
  type OffloadHints,
  type OffloadOptions,
} from "./jobs/offload.ts";
export type { JobRouter } from "./jobs/run_job.ts";
export type { AuditRecord, ConfigAudit, DemoAudit } from "./operate/audit.ts";
export type { DemoLoad, DemoRun } from "./operate/demo.ts";
export {
  type GuardedRouter,
  overloadGuard,
  type OverloadGuardOptions,
} from "./overload/overload_guard.ts";
export type { HttpLimits } from "./requests/limits.ts";
export type { GuardOptions } from "./security/guard.ts";
export { InsecureListenError, serve, type Served, type ServeOptions } from "./serve.ts";
export { type Fetch, ListenError, type ListenFailure } from "../runtime/listen.ts";
