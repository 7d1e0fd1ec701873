import { type Context, Hono } from "hono";
import type { AnyKind, CancelSignal, HelixRouter } from "../../mod.ts";
import { answerError, answerJson, answerRefusal } from "./answers/answer.ts";
import { RefusedRequestError } from "./answers/refusal.ts";
import type { HttpApp, HttpSchema, Nothing } from "./api/endpoints.ts";
import { keepParts } from "./app_parts.ts";
import { checkRouter, refuseUnknown } from "./arguments.ts";
import { submitBatch } from "./batch/submit_batch.ts";
import { dashboardRoutes } from "./dashboard/routes.ts";
import { Docs } from "./docs/docs.ts";
import type { JobRouter } from "./jobs/run_job.ts";
import { ServedJobs } from "./jobs/served_jobs.ts";
import { submitJob } from "./jobs/submit_job.ts";
import { answerMetrics } from "./metrics/answer_metrics.ts";
import type { AuditRecord } from "./operate/audit.ts";
import { answerConfig, changeConfig } from "./operate/config.ts";
import { DecisionStreams } from "./operate/decision_stream.ts";
import { answerDemo, changeDemo, type DemoLoad } from "./operate/demo.ts";
import { explainJob } from "./operate/explain_job.ts";
import { answerHealth, answerReadiness } from "./operate/health.ts";
import type { HttpLimits } from "./requests/limits.ts";
import { Guard, type GuardOptions } from "./security/guard.ts";

/** The part of a router that is served. */
export type ServedRouter =
  & JobRouter
  & Pick<
    HelixRouter<Readonly<Record<string, AnyKind>>>,
    "closed" | "config" | "configure" | "explain" | "obstacle" | "onDecision" | "stats"
  >;

/** Options of `createHttpApp()`. */
export interface HttpAppOptions extends GuardOptions, HttpLimits {
  /** Whether the dashboard is served at `/`, its files below `/assets/`. @default {true} */
  readonly dashboard?: boolean;
  /** A load for `POST /api/demo`. Default: none, and the path answers 404. */
  readonly demo?: DemoLoad;
  /** Called with every change made over HTTP. Default: none. */
  readonly onAudit?: (record: AuditRecord) => void;
  /**
   * Called with errors that neither a client nor a job caused; the client only gets `internal`.
   * Default: `console.error`.
   */
  readonly onError?: (error: unknown) => void;
}

/**
 * Creates a Hono app that serves a router. It can be served as it is, or mounted into another app
 * with `app.route("/helix", createHttpApp(router))`.
 *
 * - `POST /api/jobs/:kind` submits a job. The body is `{ input, hints? }`, or an input of bytes as
 *   `application/octet-stream`. Hints may also be sent as headers, such as
 *   `helix-latency-budget-ms`; those in the body take precedence. They only tighten what the kind
 *   allows, and others are refused. A client that disconnects cancels its job.
 * - `POST /api/jobs/:kind/batch` submits many, `[input, …]` or `{ inputs, hints? }`, and answers
 *   with one line of JSON per job, as soon as it is over. A client that disconnects cancels those
 *   that are left.
 * - `GET /api/explain/:kind?input=JSON&priority=…` returns `router.explain()`.
 * - `GET /api/stats` returns `router.stats()`.
 * - `GET /api/decisions?kind=…&strategy=…` streams decisions as server-sent events: at most one
 *   event per 250 ms, `{ decisions, missed }`, with at most 50 decisions.
 * - `GET /api/config` returns `router.config()`; `PATCH` changes it, and needs the token.
 * - `GET /api/demo` returns which demo load runs; `POST` changes it, and needs the token.
 * - `GET /metrics` returns the metrics, for Prometheus.
 * - `GET /healthz` answers 200, and 503 once the router is closed.
 * - `GET /readyz` answers 200, and 503 while the router cannot run jobs on workers.
 * - `GET /openapi.json` describes all of this, with the schemas of the kinds; `GET /docs` is the
 *   same for people.
 * - `GET /` is the dashboard, a page without external resources.
 *
 * Only requests for this machine's own names are answered, and none from pages of another origin:
 * see `allowedHosts` and `allowedOrigins`. A configured `token` protects all but health checks and
 * the page itself.
 *
 * @example Usage
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { createHttpApp } from "helixrouter/http";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ double: { cost: 1, run: (n: number) => n * 2 } });
 * const router = await createRouter({ jobs });
 * const app = createHttpApp(router);
 *
 * const response = await app.request("/api/jobs/double", {
 *   method: "POST",
 *   headers: { "content-type": "application/json" },
 *   body: JSON.stringify({ input: 21, hints: { latencyBudgetMs: 100 } }),
 * });
 * assert.equal(response.status, 200);
 * assert.equal((await response.json()).output, 42);
 * await router.close();
 * ```
 *
 * @param router The router.
 * @param options Additional options.
 * @returns The app.
 * @throws {RangeError} If an option is out of range.
 */
export function createHttpApp(router: ServedRouter, options: HttpAppOptions = {}): HttpApp {
  checkRouter(router, "kinds", "createHttpApp(router)", ACTION);
  refuseUnknown<HttpAppOptions>(options, OPTIONS, ACTION);
  const { dashboard = true, demo, onAudit, onError = console.error } = options;
  const jobs = new ServedJobs(router, options, ACTION);
  const guard = new Guard(options);
  const decisions = new DecisionStreams(router);
  const docs = new Docs(jobs, guard.isProtected);
  const audit = (record: AuditRecord): void => {
    try {
      onAudit?.(record);
    } catch (error) {
      onError(error); // the change has taken effect
    }
  };
  const app = new Hono<Nothing, HttpSchema>();
  // One handler for all methods of a path: Hono is slower with two.
  const serve = (path: string, methods: Methods): void => {
    const allow = Object.keys(methods).flatMap((method) =>
      method === "GET" ? ["GET", "HEAD"] : [method]
    );
    app.all(path, (c) => {
      const { method } = c.req;
      guard.admit(c.req.raw);
      const name = method === "HEAD" ? "GET" : method;
      if (!Object.hasOwn(methods, name)) throw wrongMethod(allow.join(", "));
      return methods[name](c);
    });
  };
  const read = (handler: Handler): Handler => (c) => {
    guard.mayRead(c.req.raw);
    return handler(c);
  };
  const change = (handler: (c: Context, signal: CancelSignal) => Promise<Response>): Handler => {
    return (c) => {
      guard.mayChange(c.req.raw);
      return jobs.requests.answer(c.req.raw, (running) => handler(c, running));
    };
  };

  serve("/api/jobs/:kind", { POST: read((c) => submitJob(jobs, c.req)) });
  serve("/api/jobs/:kind/batch", { POST: read((c) => submitBatch(jobs, c.req, onError)) });
  serve("/api/explain/:kind", { GET: read((c) => explainJob(router, c.req)) });
  serve("/api/stats", { GET: read(() => answerJson(200, router.stats())) });
  serve("/api/decisions", { GET: read((c) => decisions.answer(c)) });
  serve("/api/config", {
    GET: read(() => answerConfig(router)),
    PATCH: change((c, signal) => changeConfig(router, c.req, signal, audit)),
  });
  serve("/api/demo", {
    GET: read(() => answerDemo(demo)),
    POST: change((c, signal) => changeDemo(demo, c.req, signal, audit)),
  });
  serve("/metrics", {
    GET: read((c) => answerMetrics(router.stats(), c.req)),
  });
  serve("/healthz", { GET: () => answerHealth(router) });
  serve("/readyz", { GET: () => answerReadiness(router) });
  serve("/openapi.json", { GET: read(() => docs.answerDocument()) });
  serve("/docs", { GET: read(() => docs.answerPage()) });
  serve("/docs/style.css", { GET: () => docs.answerStyle() });
  if (dashboard) dashboardRoutes(app, (request) => guard.admit(request));
  app.notFound((c) => {
    guard.admit(c.req.raw);
    return answerRefusal(notFound());
  });
  app.onError((error) => {
    if (error instanceof RefusedRequestError) return answerRefusal(error);
    onError(error);
    return answerError(500, { code: "internal", message: "The server has failed" });
  });
  const parts = { guard, endStreams: () => decisions.end() };
  keepParts(app, parts);
  // When it is mounted, only its handlers are copied.
  for (const { handler } of app.routes) keepParts(handler, parts);
  return app;
}

const ACTION = "create HTTP app";
const OPTIONS = {
  allowedHosts: true,
  allowedOrigins: true,
  dashboard: true,
  demo: true,
  maxBatchItems: true,
  maxBodyBytes: true,
  maxComputeCost: true,
  maxConcurrentRequests: true,
  onAudit: true,
  onError: true,
  requestTimeoutMs: true,
  token: true,
};

type Handler = (c: Context) => Response | Promise<Response>;
type Methods = Readonly<Record<string, Handler>>;

function notFound(): RefusedRequestError {
  return new RefusedRequestError(404, "not_found", "There is nothing here");
}

function wrongMethod(allow: string): RefusedRequestError {
  const message = `This path takes ${allow}`;
  return new RefusedRequestError(405, "method_not_allowed", message, { headers: { allow } });
}
