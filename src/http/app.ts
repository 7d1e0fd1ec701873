import { Hono } from "hono";
import { answerError, answerJson, answerText } from "./answer.ts";
import type { HttpApp, HttpSchema, Nothing } from "./api.ts";
import { dashboardRoutes } from "./dashboard/routes.ts";
import { METRICS_CONTENT_TYPE, toMetricsText } from "./metrics_text.ts";
import { type ServedRouter, submitJob } from "./submit_job.ts";

/** Options of `createHttpApp()`. */
export interface HttpAppOptions {
  /** Bytes a request's body may have, an integer >= 1. @default {1048576} */
  readonly maxBodyBytes?: number;
  /** Whether the dashboard is served at `/`, its files below `/assets/`. @default {true} */
  readonly dashboard?: boolean;
  /**
   * Gets errors that are neither the client's nor a job's; the client is told `internal` and no
   * more. Default: `console.error`.
   */
  readonly onError?: (error: unknown) => void;
}

/** Methods by path, for everything else on these paths. */
const METHODS = {
  "/api/jobs/:kind": "POST",
  "/api/stats": "GET, HEAD",
  "/metrics": "GET, HEAD",
  "/healthz": "GET, HEAD",
};

/**
 * Makes a Hono app that serves a router. It can be served as it is, or mounted into another app
 * with `app.route("/helix", createHttpApp(router))`.
 *
 * - `POST /api/jobs/:kind` submits a job. The body is `{ input, hints? }`. A client that goes away
 *   cancels its job.
 * - `GET /api/stats` gives `router.stats()`.
 * - `GET /metrics` gives the same for Prometheus.
 * - `GET /healthz` answers 200, and 503 once the router is closed.
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
 * @throws {RangeError} If `maxBodyBytes` is not an integer >= 1.
 */
export function createHttpApp(router: ServedRouter, options: HttpAppOptions = {}): HttpApp {
  const { maxBodyBytes = 1_048_576, dashboard = true, onError = console.error } = options;
  if (!(Number.isSafeInteger(maxBodyBytes) && maxBodyBytes >= 1)) {
    throw new RangeError(
      `Cannot create HTTP app as "maxBodyBytes" must be an integer >= 1: received ${maxBodyBytes}`,
    );
  }
  const app = new Hono<Nothing, HttpSchema>();
  app.post(
    "/api/jobs/:kind",
    (c) => submitJob(router, c.req, maxBodyBytes),
  );
  app.get("/api/stats", () => answerJson(200, router.stats()));
  app.get("/metrics", () => answerText(toMetricsText(router.stats()), METRICS_CONTENT_TYPE));
  app.get(
    "/healthz",
    () => router.closed ? answerJson(503, { status: "closed" }) : answerJson(200, { status: "ok" }),
  );
  for (const [path, allow] of Object.entries(METHODS)) {
    const error = { code: "method_not_allowed", message: `This path takes ${allow}` } as const;
    app.all(path, () => answerError(405, error, { allow }));
  }
  if (dashboard) dashboardRoutes(app);
  app.notFound(() => answerError(404, { code: "not_found", message: "There is nothing here" }));
  app.onError((error) => {
    onError(error);
    return answerError(500, { code: "internal", message: "The server has failed" });
  });
  return app;
}
