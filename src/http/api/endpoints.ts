import type { Hono } from "hono";
import type { ErrorBody } from "./error.ts";
import type { BatchRequest, CompletedBody, DroppedBody, JobRequest } from "./jobs.ts";
import type {
  ConfigBody,
  ConfigRequest,
  DecisionsRequest,
  DemoBody,
  DemoRequest,
  ExplainBody,
  ExplainRequest,
  HealthBody,
  ReadinessBody,
  StatsBody,
} from "./operation.ts";

/** Statuses of a request that is not allowed: the token, the host or the origin is wrong. */
export type Forbidden = 401 | 403;

/** One endpoint, in Hono's terms. Not an interface, which Hono's client would not resolve. */
export type Endpoint<Input, Output, Status, Format = "json"> = {
  /** What the request carries. */
  input: Input;
  /** What the response carries. */
  output: Output;
  /** Format of the response. */
  outputFormat: Format;
  /** Status of the response. */
  status: Status;
};

/** A request without parameters, and a context without variables. */
export type Nothing = Record<never, never>;

/** Refusal of a request that is not allowed. */
export type Refused = Endpoint<Nothing, ErrorBody, Forbidden>;

/** Statuses of a body that is not accepted. */
export type Unreadable = 400 | 413 | 415 | 422;

/** All endpoints, as Hono's client `hc` reads them. */
export type HttpSchema = {
  "/api/jobs/:kind": {
    $post:
      | Endpoint<JobRequest, CompletedBody, 200>
      | Endpoint<JobRequest, DroppedBody | ErrorBody, 503>
      | Endpoint<JobRequest, ErrorBody, Forbidden | Unreadable | 404 | 500 | 502 | 504>;
  };
  "/api/jobs/:kind/batch": {
    $post:
      | Endpoint<BatchRequest, string, 200, "text">
      | Endpoint<BatchRequest, ErrorBody, Forbidden | Unreadable | 404 | 503 | 504>;
  };
  "/api/explain/:kind": {
    $get:
      | Endpoint<ExplainRequest, ExplainBody, 200>
      | Endpoint<ExplainRequest, ErrorBody, Forbidden | 400 | 404 | 422>;
  };
  "/api/stats": { $get: Endpoint<Nothing, StatsBody, 200> | Refused };
  "/api/decisions": {
    $get:
      | Endpoint<DecisionsRequest, string, 200, "text">
      | Endpoint<DecisionsRequest, ErrorBody, Forbidden | 422 | 503>;
  };
  "/api/config": {
    $get: Endpoint<Nothing, ConfigBody, 200> | Refused;
    $patch:
      | Endpoint<ConfigRequest, ConfigBody, 200>
      | Endpoint<ConfigRequest, ErrorBody, Forbidden | Unreadable | 503 | 504>;
  };
  "/api/demo": {
    $get: Endpoint<Nothing, DemoBody, 200> | Endpoint<Nothing, ErrorBody, Forbidden | 404>;
    $post:
      | Endpoint<DemoRequest, DemoBody, 202>
      | Endpoint<DemoRequest, ErrorBody, Forbidden | Unreadable | 404 | 503 | 504>;
  };
  "/metrics": { $get: Endpoint<Nothing, string, 200, "text"> | Refused };
  "/healthz": {
    $get: Endpoint<Nothing, HealthBody, 200 | 503> | Endpoint<Nothing, ErrorBody, 403>;
  };
  "/readyz": {
    $get: Endpoint<Nothing, ReadinessBody, 200 | 503> | Endpoint<Nothing, ErrorBody, 403>;
  };
  "/openapi.json": { $get: Endpoint<Nothing, { readonly [key: string]: unknown }, 200> | Refused };
  "/docs": { $get: Endpoint<Nothing, string, 200, "text"> | Refused };
};

/**
 * The app that `createHttpApp()` creates, for `hc<HttpApp>(url)`.
 *
 * @example Usage
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { createHttpApp, type HttpApp } from "helixrouter/http";
 * import { hc } from "hono/client";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ double: { cost: 1, run: (n: number) => n * 2 } });
 * const router = await createRouter({ jobs });
 * const app = createHttpApp(router);
 *
 * const client = hc<HttpApp>("http://localhost", { fetch: app.request });
 * const answer = await client.api.jobs[":kind"].$post({
 *   param: { kind: "double" },
 *   json: { input: 21 },
 * });
 * assert.ok(answer.status === 200);
 * assert.equal((await answer.json()).output, 42);
 * await router.close();
 * ```
 */
export type HttpApp = Hono<Nothing, HttpSchema, "/">;
