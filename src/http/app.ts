import { type Context, Hono } from "hono";
import type { AnyKind, HelixRouter } from "../../mod.ts";
import { answerError, answerJson, answerText } from "./answer.ts";
import type { HttpApp, HttpSchema, Nothing } from "./api.ts";
import { submitBatch } from "./batch/submit_batch.ts";
import { dashboardRoutes } from "./dashboard/routes.ts";
import { Docs } from "./docs/docs.ts";
import type { HttpLimits } from "./limits.ts";
import { METRICS_CONTENT_TYPE, toMetricsText } from "./metrics_text.ts";
import { createDocument } from "./openapi/document.ts";
import type { JobRouter } from "./run_job.ts";
import { ServedJobs } from "./served_jobs.ts";
import { submitJob } from "./submit_job.ts";

/** The part of a router that is served. */
export type ServedRouter =
  & JobRouter
  & Pick<HelixRouter<Readonly<Record<string, AnyKind>>>, "closed" | "stats">;

/** Options of `createHttpApp()`. */
export interface HttpAppOptions extends HttpLimits {
  /** Whether the dashboard is served at `/`, its files below `/assets/`. @default {true} */
  readonly dashboard?: boolean;
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
 * - `GET /api/stats` gives `router.stats()`.
 * - `GET /metrics` gives the same for Prometheus.
 * - `GET /healthz` answers 200, and 503 once the router is closed.
 * - `GET /openapi.json` describes all of it, with the schemas of the kinds; `GET /docs` is the same
 *   for people.
 * - `GET /` is the dashboard, a page that needs nothing from elsewhere.
 *
 * There is no authentication: put it before the app where others can reach it.
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
 * @throws {RangeError} If a limit is out of range.
 */
export function createHttpApp(router: ServedRouter, options: HttpAppOptions = {}): HttpApp {
  const { dashboard = true, onError = console.error } = options;
  const jobs = new ServedJobs(router, options, "create HTTP app");
  const app = new Hono<Nothing, HttpSchema>();
  // One handler for all methods of a path: Hono takes a longer way where there are two.
  const serve = (path: string, allow: string, handler: (c: Context) => Answer): void => {
    const methods = allow.split(", ");
    app.all(path, (c) => methods.includes(c.req.method) ? handler(c) : refuseMethod(allow));
  };
  serve("/api/jobs/:kind", "POST", (c) => submitJob(jobs, c.req));
  serve("/api/jobs/:kind/batch", "POST", (c) => submitBatch(jobs, c.req, onError));
  serve("/api/stats", "GET, HEAD", () => answerJson(200, router.stats()));
  serve(
    "/metrics",
    "GET, HEAD",
    () => answerText(toMetricsText(router.stats()), METRICS_CONTENT_TYPE),
  );
  serve(
    "/healthz",
    "GET, HEAD",
    () => router.closed ? answerJson(503, { status: "closed" }) : answerJson(200, { status: "ok" }),
  );
  const docs = new Docs(jobs);
  serve("/openapi.json", "GET, HEAD", () => answerJson(200, createDocument(jobs)));
  serve("/docs", "GET, HEAD", () => docs.answerPage());
  serve("/docs/style.css", "GET, HEAD", () => docs.answerStyle());
  if (dashboard) dashboardRoutes(app);
  app.notFound(() => answerError(404, { code: "not_found", message: "There is nothing here" }));
  app.onError((error) => {
    onError(error);
    return answerError(500, { code: "internal", message: "The server has failed" });
  });
  return app;
}

type Answer = Response | Promise<Response>;

function refuseMethod(allow: string): Response {
  const message = `This path takes ${allow}`;
  return answerError(405, { code: "method_not_allowed", message }, { allow });
}
