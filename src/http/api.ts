import type { Hono } from "hono";
import type {
  DecisionRecord,
  Hints,
  Load,
  Obstacle,
  RouterConfig,
  RouterStats,
  Strategy,
  Timing,
} from "../../mod.ts";
import type { DemoLoad, DemoRun } from "./operate/demo.ts";

/** Why a request was not answered as wished. Every `error` in an answer has one of these. */
export const ERROR_CODES = [
  "invalid_json",
  "not_found",
  "unknown_kind",
  "method_not_allowed",
  "too_large",
  "unsupported_media_type",
  "invalid_body",
  "invalid_input",
  "invalid_hints",
  "job_failed",
  "output_not_json",
  "internal",
  "worker_crashed",
  "router_closed",
  "run_timeout",
  "too_many_items",
  "overloaded",
  "request_timeout",
  "unauthorized",
  "forbidden_host",
  "forbidden_origin",
  "invalid_config",
  "invalid_query",
] as const;

/** Why a request was not answered as wished. */
export type ErrorCode = typeof ERROR_CODES[number];

/** What a request may say about its job. */
export interface HttpHints extends Hints {
  /** Time the run may take, in ms, above 0 and at most 2,147,483,647. */
  readonly runTimeoutMs?: number;
}

/** Body of `POST /api/jobs/:kind`. */
export interface JobBody {
  /** Input of the job, as the kind's schema takes it; `null` where it takes none. */
  readonly input: unknown;
  /** Hints and limits of the job. */
  readonly hints?: HttpHints;
}

/** Body of `POST /api/jobs/:kind/batch`, where it is not the array of inputs alone. */
export interface BatchBody {
  /** Inputs of the jobs. */
  readonly inputs: readonly unknown[];
  /** Hints and limits, the same for each job. */
  readonly hints?: HttpHints;
}

/** Answer to a job that ran. */
export interface CompletedBody {
  /** Always `"completed"`. */
  readonly status: "completed";
  /** What the job gave back; a bigint as decimal string, nothing as `null`. */
  readonly output: unknown;
  /** How it was run. */
  readonly strategy: Strategy;
  /** Where the time went. */
  readonly timing: Timing;
  /** Whether it ended within its latency budget. */
  readonly withinBudget: boolean;
}

/** Answer to a job that was dropped. */
export interface DroppedBody {
  /** Always `"dropped"`. */
  readonly status: "dropped";
  /** Why. */
  readonly reason: string;
  /** When it is worth trying again, in ms; `Retry-After` has it in seconds. */
  readonly retryAfterMs: number;
}

/** One thing that is wrong with a request. */
export interface HttpIssue {
  /** Where, as keys from the body inwards. */
  readonly path: readonly (string | number)[];
  /** What is wrong and what is wanted. */
  readonly message: string;
}

/** Answer to a request that went wrong. */
export interface ErrorBody {
  /** What went wrong. */
  readonly error: {
    /** Which kind of error. */
    readonly code: ErrorCode;
    /** For people. */
    readonly message: string;
    /** With 422: everything that is wrong. */
    readonly issues?: readonly HttpIssue[];
    /** With `job_failed`: what the job threw. */
    readonly cause?: {
      /** Name of the error, or type of what was thrown. */
      readonly name: string;
      /** Its message, without paths and stack. */
      readonly message: string;
    };
  };
}

/** Line of a batch's answer for a job that ran. */
export interface CompletedLine extends CompletedBody {
  /** Place of the job in the batch, from 0. */
  readonly index: number;
  /** Bytes are written as base64; absent for every other output. */
  readonly encoding?: "base64";
}

/** Line of a batch's answer for a job that was dropped. */
export interface DroppedLine extends DroppedBody {
  /** Place of the job in the batch, from 0. */
  readonly index: number;
}

/** Line of a batch's answer for a job that was refused or has failed. */
export interface FailedLine extends ErrorBody {
  /** Place of the job in the batch, from 0. */
  readonly index: number;
  /** Always `"failed"`. */
  readonly status: "failed";
}

/** One line of a batch's answer. */
export type BatchLine = CompletedLine | DroppedLine | FailedLine;

/** Answer of `GET /api/stats`: `router.stats()`, with `null` for what is not a finite number. */
export interface StatsBody extends Omit<RouterStats, "load"> {
  /** How busy the router is now. */
  readonly load: Omit<Load, "poolWorkMs"> & {
    /** Time the jobs in the pool's queue are expected to run, in ms; `null` when unknown. */
    readonly poolWorkMs: number | null;
  };
}

/** Answer of `GET /healthz`. */
export interface HealthBody {
  /** `"closed"` once the router refuses jobs. */
  readonly status: "ok" | "closed";
}

/** Answer of `GET /readyz`. */
export interface ReadinessBody {
  /** `"ready"`, or why jobs should not be sent here now. */
  readonly status: "ready" | Obstacle;
}

/** Answer of `GET` and `PATCH /api/config`. */
export interface ConfigBody {
  /** The configuration as it is now; `null` for ever. */
  readonly config: Omit<RouterConfig, "abortGraceMs"> & {
    /** Time an aborted job may go on before its worker is ended, in ms; `null`: for ever. */
    readonly abortGraceMs: number | null;
  };
  /** What of it can be changed. */
  readonly writable: readonly (keyof RouterConfig)[];
}

/** Body of `PATCH /api/config`: what is to change. */
export type ConfigChange = Partial<ConfigBody["config"]>;

/** Answer of `GET /api/explain/:kind`: a decision, with `null` for what is not a finite number. */
export interface ExplainBody extends Omit<DecisionRecord, "load"> {
  /** The load it was decided under. */
  readonly load: StatsBody["load"];
}

/** What `GET /api/explain/:kind` takes. */
export interface ExplainRequest {
  /** The path. */
  param: {
    /** Name of the kind. */
    kind: string;
  };
  /** The query. */
  query: {
    /** Input of the job, as JSON; `null` where it is left out. */
    input?: string;
    /** Size of the job. */
    computeCost?: string;
    /** Parallel payoff, 0 to 1. */
    scalingPotential?: string;
    /** Latency budget, in ms. */
    latencyBudgetMs?: string;
    /** 0 to 9. */
    priority?: string;
  };
}

/** What `GET /api/decisions` takes. */
export interface DecisionsRequest {
  /** The query. */
  query: {
    /** Only decisions about this kind. */
    kind?: string;
    /** Only decisions for this strategy. */
    strategy?: Strategy;
  };
}

/** What `PATCH /api/config` takes. */
export interface ConfigRequest {
  /** The body. */
  json: ConfigChange;
}

/** Answer of `GET` and `POST /api/demo`. */
export interface DemoBody {
  /** The load that runs now. */
  readonly running: DemoLoad["running"];
}

/** What `POST /api/demo` takes. */
export interface DemoRequest {
  /** The body. */
  json: {
    /** What is to run. */
    run: DemoRun;
  };
}

/** Statuses of a request that may not come in: the token, the host or the origin is wrong. */
export type Forbidden = 401 | 403;

/** One endpoint, in Hono's terms. Not an interface: Hono's client would not see through it. */
export type Endpoint<Input, Output, Status, Format = "json"> = {
  /** What the request carries. */
  input: Input;
  /** What the answer carries. */
  output: Output;
  /** How the answer is written. */
  outputFormat: Format;
  /** Status of the answer. */
  status: Status;
};

/** What `POST /api/jobs/:kind` takes. */
export interface JobRequest {
  /** The path. */
  param: {
    /** Name of the kind. */
    kind: string;
  };
  /** The body. */
  json: JobBody;
}

/** What `POST /api/jobs/:kind/batch` takes. */
export interface BatchRequest {
  /** The path. */
  param: {
    /** Name of the kind. */
    kind: string;
  };
  /** The body. */
  json: readonly unknown[] | BatchBody;
}

/** A request without parameters, and a context without variables. */
export type Nothing = Record<never, never>;

/** All endpoints, as Hono's client `hc` reads them. */
export type HttpSchema = {
  "/api/jobs/:kind": {
    $post:
      | Endpoint<JobRequest, CompletedBody, 200>
      | Endpoint<JobRequest, DroppedBody | ErrorBody, 503>
      | Endpoint<JobRequest, ErrorBody, 400 | 404 | 413 | 415 | 422 | 500 | 502 | 504>;
  };
  "/api/jobs/:kind/batch": {
    $post:
      | Endpoint<BatchRequest, string, 200, "text">
      | Endpoint<BatchRequest, ErrorBody, 400 | 404 | 413 | 415 | 422 | 503 | 504>;
  };
  "/openapi.json": { $get: Endpoint<Nothing, { readonly [key: string]: unknown }, 200> };
  "/docs": { $get: Endpoint<Nothing, string, 200, "text"> };
  "/api/stats": { $get: Endpoint<Nothing, StatsBody, 200> };
  "/api/decisions": {
    $get:
      | Endpoint<DecisionsRequest, string, 200, "text">
      | Endpoint<DecisionsRequest, ErrorBody, Forbidden | 422 | 503>;
  };
  "/api/config": {
    $get: Endpoint<Nothing, ConfigBody, 200> | Endpoint<Nothing, ErrorBody, Forbidden>;
    $patch:
      | Endpoint<ConfigRequest, ConfigBody, 200>
      | Endpoint<ConfigRequest, ErrorBody, Forbidden | 400 | 413 | 415 | 422>;
  };
  "/api/explain/:kind": {
    $get:
      | Endpoint<ExplainRequest, ExplainBody, 200>
      | Endpoint<ExplainRequest, ErrorBody, Forbidden | 400 | 404 | 422>;
  };
  "/api/demo": {
    $get: Endpoint<Nothing, DemoBody, 200> | Endpoint<Nothing, ErrorBody, Forbidden | 404>;
    $post:
      | Endpoint<DemoRequest, DemoBody, 202>
      | Endpoint<DemoRequest, ErrorBody, Forbidden | 400 | 404 | 413 | 415 | 422>;
  };
  "/metrics": { $get: Endpoint<Nothing, string, 200, "text"> };
  "/healthz": { $get: Endpoint<Nothing, HealthBody, 200 | 503> };
  "/readyz": { $get: Endpoint<Nothing, ReadinessBody, 200 | 503> };
};

/**
 * The app that `createHttpApp()` makes, for `hc<HttpApp>(url)`.
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
