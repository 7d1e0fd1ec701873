import { type Context, Hono } from "hono";
import type { AnyKind, HelixRouter } from "../../mod.ts";
import { answerError, answerJson, answerText, RefusedRequestError } from "./answers/answer.ts";
import type { HttpApp, HttpSchema, Nothing } from "./api.ts";
import type { AuditRecord } from "./operate/audit.ts";
import { submitBatch } from "./batch/submit_batch.ts";
import { answerConfig, changeConfig } from "./operate/config.ts";
import { dashboardRoutes } from "./dashboard/routes.ts";
import { DecisionStreams } from "./operate/decision_stream.ts";
import { answerDemo, changeDemo, type DemoLoad } from "./operate/demo.ts";
import { Docs } from "./docs/docs.ts";
import { explainJob } from "./operate/explain_job.ts";
import { answerFailure } from "./answers/failure.ts";
import { Guard, type GuardOptions, type Protection } from "./security/guard.ts";
import { answerHealth, answerReadiness } from "./operate/health.ts";
import type { HttpLimits } from "./requests/limits.ts";
import { METRICS_CONTENT_TYPE, toMetricsText } from "./metrics_text.ts";
import { createDocument } from "./openapi/document.ts";
import type { JobRouter } from "./jobs/run_job.ts";
import { keepParts } from "./app_parts.ts";
import { ServedJobs } from "./jobs/served_jobs.ts";
import { submitJob } from "./jobs/submit_job.ts";

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
  /** Is told of every change made over HTTP. Default: nobody is. */
  readonly onAudit?: (record: AuditRecord) => void;
  /**
   * Gets errors that are neither the client's nor a job's; the client is told `internal` and no
   * more. Default: `console.error`.
   */
  readonly onError?: (error: unknown) => void;
}

/**
 * Makes a Hono app that serves a router. It can be served as it is, or mounted into another app
 * with `app.route("/helix", createHttpApp(router))`.
 *
 * - `POST /api/jobs/:kind` submits a job. The body is `{ input, hints? }`, or an input of bytes as
 *   `application/octet-stream`. Hints may come by header, too, such as `helix-latency-budget-ms`;
 *   those in the body go before. A client that goes away cancels its job.
 * - `POST /api/jobs/:kind/batch` submits many, `[input, …]` or `{ inputs, hints? }`, and answers with
 *   one JSON line for each as soon as it is over. A client that goes away cancels those that are left.
 * - `GET /api/explain/:kind?input=JSON&computeCost=…` gives `router.explain()`.
 * - `GET /api/stats` gives `router.stats()`.
 * - `GET /api/decisions?kind=…&strategy=…` streams decisions as server-sent events: at most one
 *   event in 250 ms, `{ decisions, missed }`, with at most 50 of them.
 * - `GET /api/config` gives `router.config()`, `PATCH` changes it and needs the token.
 * - `GET /api/demo` tells which demo load runs, `POST` changes it and needs the token.
 * - `GET /metrics` gives the figures for Prometheus.
 * - `GET /healthz` answers 200, and 503 once the router is closed.
 * - `GET /readyz` answers 200, and 503 while the router cannot run jobs on workers.
 * - `GET /openapi.json` describes all of it, with the schemas of the kinds; `GET /docs` is the same
 *   for people.
 * - `GET /` is the dashboard, a page that needs nothing from elsewhere.
 *
 * Only requests for this machine's own names are answered, and none that a page of another origin
 * makes: see `allowedHosts` and `allowedOrigins`. A chosen `token` protects all but health and the
 * page itself.
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
  const { dashboard = true, demo, onAudit, onError = console.error } = options;
  const jobs = new ServedJobs(router, options, "create HTTP app");
  const guard = new Guard(options);
  const decisions = new DecisionStreams(router);
  const docs = new Docs(jobs);
  const audit = (record: AuditRecord): void => {
    try {
      onAudit?.(record);
    } catch (error) {
      onError(error); // the change has been made
    }
  };
  const app = new Hono<Nothing, HttpSchema>();
  // One handler for all methods of a path: Hono takes a longer way where there are two.
  const serve = (path: string, protection: Protection, methods: Methods): void => {
    const allow = Object.keys(methods).flatMap((method) =>
      method === "GET" ? ["GET", "HEAD"] : [method]
    );
    app.all(path, (c) => {
      const { method } = c.req;
      const refusal = guard.refuse(c.req.raw, protection);
      if (refusal !== undefined) return refusal;
      const name = method === "HEAD" ? "GET" : method;
      return Object.hasOwn(methods, name) ? methods[name](c) : refuseMethod(allow.join(", "));
    });
  };
  /** What changes state needs the token, chosen or not. */
  const change = (handler: (c: Context) => Promise<Response>): Handler => (c) =>
    guard.refuse(c.req.raw, "always") ?? jobs.answer(c.req.raw, () => handler(c));

  serve("/api/jobs/:kind", "chosen", { POST: (c) => submitJob(jobs, c.req) });
  serve("/api/jobs/:kind/batch", "chosen", { POST: (c) => submitBatch(jobs, c.req, onError) });
  serve("/api/explain/:kind", "chosen", { GET: (c) => explainJob(router, c.req) });
  serve("/api/stats", "chosen", { GET: () => answerJson(200, router.stats()) });
  serve("/api/decisions", "chosen", { GET: (c) => decisions.answer(c) });
  serve("/api/config", "chosen", {
    GET: () => answerConfig(router),
    PATCH: change((c) => changeConfig(router, c.req, audit)),
  });
  serve("/api/demo", "chosen", {
    GET: () => answerDemo(demo),
    POST: change((c) => changeDemo(demo, c.req, audit)),
  });
  serve("/metrics", "chosen", {
    GET: () => answerText(toMetricsText(router.stats()), METRICS_CONTENT_TYPE),
  });
  serve("/healthz", "open", { GET: () => answerHealth(router) });
  serve("/readyz", "open", { GET: () => answerReadiness(router) });
  serve("/openapi.json", "chosen", { GET: () => answerJson(200, createDocument(jobs)) });
  serve("/docs", "chosen", { GET: () => docs.answerPage() });
  serve("/docs/style.css", "chosen", { GET: () => docs.answerStyle() });
  if (dashboard) dashboardRoutes(app, (request) => guard.refuse(request, "open"));
  app.notFound(() => answerError(404, { code: "not_found", message: "There is nothing here" }));
  app.onError((error) => {
    const answer = error instanceof RefusedRequestError ? answerFailure(error) : undefined;
    if (answer !== undefined) return answer;
    onError(error);
    return answerError(500, { code: "internal", message: "The server has failed" });
  });
  keepParts(app, { guard, endStreams: () => decisions.end() });
  return app;
}

type Handler = (c: Context) => Response | Promise<Response>;
type Methods = Readonly<Record<string, Handler>>;

function refuseMethod(allow: string): Response {
  const message = `This path takes ${allow}`;
  return answerError(405, { code: "method_not_allowed", message }, { allow });
}
