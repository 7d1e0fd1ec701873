import type { Context, HonoRequest } from "hono";
import type { Completed, HelixRouter, InputOf, OutputOf, SubmitOptions } from "../../../mod.ts";
import { answerThrown } from "../answers/failure.ts";
import { answerOutcome } from "../answers/outcome_answer.ts";
import { checkRouter, refuseUnknown } from "../arguments.ts";
import type { HttpLimits } from "../requests/limits.ts";
import { bodyType, readBytes, readJson } from "../requests/read_body.ts";
import type { RunningRequest } from "../requests/running_requests.ts";
import { type JobRouter, runJob, type ServedKind } from "./run_job.ts";
import { ServedJobs } from "./served_jobs.ts";

/** What a program says of the jobs of a route. */
export type OffloadHints = Omit<SubmitOptions, "signal" | "onProgress" | "transfer">;

/**
 * Options of `offload()`. The limits apply to this route only.
 *
 * @typeParam I Input of the kind.
 * @typeParam O Output of the kind.
 */
export interface OffloadOptions<I, O> extends Omit<HttpLimits, "maxBatchItems"> {
  /**
   * Creates the input. What it throws goes to the app's own `onError`. Default: the request body as
   * JSON, or as bytes if it is `application/octet-stream`.
   */
  readonly input?: (c: Context) => I | Promise<I>;
  /**
   * Hints and limits of the jobs, or a function that returns them. They are taken at their word; the
   * client cannot set any.
   */
  readonly hints?: OffloadHints | ((c: Context) => OffloadHints);
  /**
   * Creates the response for a completed job. Default: the output as JSON or as bytes, with the
   * rest of the outcome in `helix-*` headers.
   */
  readonly respond?: (c: Context, completed: Completed<O>) => Response | Promise<Response>;
}

/** Answers a request of any Hono app. */
export type OffloadHandler = (c: Context) => Response | Promise<Response>;

/**
 * Creates a handler for a route of any Hono app that offloads its work to a router: the request
 * body is the input of a job, the response body its output. A client that disconnects cancels its
 * job. Drops, invalid inputs and failures are answered as by `POST /api/jobs/:kind`.
 *
 * @example Usage
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { offload } from "helixrouter/http";
 * import { Hono } from "hono";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ double: { cost: 1, run: (n: number) => n * 2 } });
 * const router = await createRouter({ jobs });
 * const app = new Hono()
 *   .post("/double", offload(router, "double"))
 *   .get("/double/:n", offload(router, "double", { input: (c) => Number(c.req.param("n")) }));
 *
 * const response = await app.request("/double/21");
 * assert.equal(await response.json(), 42);
 * assert.equal(response.headers.get("helix-strategy"), "spawn"); // nothing is known of it yet
 * await router.close();
 * ```
 *
 * @typeParam K The kinds of the router, by name.
 * @typeParam N Name of the kind.
 * @param router The router.
 * @param kind Name of the kind.
 * @param options Additional options.
 * @returns The handler.
 * @throws {UnknownKindError} If there is no such kind.
 * @throws {RangeError} If a limit is out of range.
 * @throws {InvalidOptionError} If an option is unknown, or the router is none.
 */
export function offload<K, N extends keyof K & string>(
  router: HelixRouter<K>,
  kind: N,
  options: OffloadOptions<InputOf<K[N]>, OutputOf<K[N]>> = {},
): OffloadHandler {
  checkRouter(router, "describe", "offload(router, kind)", "offload");
  refuseUnknown<OffloadOptions<InputOf<K[N]>, OutputOf<K[N]>>>(options, OPTIONS, "offload");
  router.describe(kind);
  const jobs = new ServedJobs(router as unknown as JobRouter, options, "offload");
  const served = jobs.kindOf(kind)!;
  return (c) =>
    jobs.requests.answer(c.req.raw, (running) => answerJob(jobs, served, c, running, options));
}

const OPTIONS = {
  hints: true,
  input: true,
  maxBodyBytes: true,
  maxComputeCost: true,
  maxConcurrentRequests: true,
  requestTimeoutMs: true,
  respond: true,
};

async function answerJob<I, O>(
  { router, limits }: ServedJobs,
  kind: ServedKind,
  c: Context,
  running: RunningRequest,
  options: OffloadOptions<I, O>,
): Promise<Response> {
  const { input: makeInput, hints, respond } = options;
  const given = typeof hints === "function" ? hints(c) : hints;
  try {
    const input = makeInput === undefined
      ? await readInput(c.req, limits.maxBodyBytes)
      : await makeInput(c);
    const outcome = await runJob(router, kind, input, given, running, limits.maxComputeCost);
    if (respond !== undefined && outcome.status === "completed") {
      return await respond(c, outcome as Completed<O>);
    }
    return answerOutcome(kind.name, outcome, true);
  } catch (error) {
    return answerThrown(error, given, running);
  }
}

function readInput(request: HonoRequest, maxBodyBytes: number): Promise<unknown> {
  const type = bodyType(request, ["application/json", "application/octet-stream"]);
  return type === "application/json"
    ? readJson(request, maxBodyBytes)
    : readBytes(request, maxBodyBytes);
}
