import {
  InvalidHintError,
  InvalidInputError,
  JobFailedError,
  JobTimeoutError,
  RouterClosedError,
  UnknownKindError,
  WorkerCrashedError,
} from "../../mod.ts";
import { answerError, RefusedRequestError } from "./answer.ts";
import type { ErrorCode, HttpHints } from "./api.ts";
import { toIssue } from "./job_body.ts";

/** Nginx's word for a client that has gone; nobody reads it. */
const CLIENT_CLOSED_REQUEST = 499;

/** Statuses of errors of the router that are told as they are. */
const PLAIN: readonly (readonly [new (...args: never[]) => Error, number, ErrorCode])[] = [
  [UnknownKindError, 404, "unknown_kind"],
  [RouterClosedError, 503, "router_closed"],
  [JobTimeoutError, 504, "run_timeout"],
];

/** Answers to a client that has gone. */
export function answerGone(): Response {
  return new Response(null, { status: CLIENT_CLOSED_REQUEST });
}

/** Answers to a request that cannot be served. */
export function answerRefusal({ status, code, message, issues }: RefusedRequestError): Response {
  return answerError(status, { code, message, issues });
}

/**
 * Answers to an error that is the client's or the job's.
 *
 * @param error What was thrown.
 * @param hints Hints of the request, if it came to that.
 * @returns The answer; `undefined` for an error that says nothing to a client.
 */
export function answerFailure(error: unknown, hints: HttpHints = {}): Response | undefined {
  if (error instanceof RefusedRequestError) return answerRefusal(error);
  if (error instanceof JobFailedError) return answerJobFailed(error);
  if (error instanceof InvalidInputError) {
    // Without a cause the messages are the schema's; with one the schema itself threw.
    const clean = error.cause === undefined ? (text: string) => text : withoutPaths;
    const issues = error.issues.map(toIssue)
      .map(({ path, message }) => ({ path: ["input", ...path], message: clean(message) }));
    const message = clean(error.message);
    return answerError(422, { code: "invalid_input", message, issues });
  }
  if (error instanceof InvalidHintError) {
    // A cost that is not the client's is what the kind made of the input.
    const path = error.hint in hints ? ["hints", error.hint] : ["input"];
    const message = `Cannot submit job as "${error.hint}" must be ${error.wanted}`;
    return answerError(422, {
      code: path[0] === "hints" ? "invalid_hints" : "invalid_input",
      message,
      issues: [{ path, message: `Must be ${error.wanted}` }],
    });
  }
  if (error instanceof WorkerCrashedError) {
    const message = withoutPaths(error.message);
    return answerError(502, { code: "worker_crashed", message });
  }
  for (const [type, status, code] of PLAIN) {
    if (error instanceof type) return answerError(status, { code, message: error.message });
  }
  return undefined;
}

function answerJobFailed({ kind, cause }: JobFailedError): Response {
  const thrown = readThrown(cause);
  const why = thrown.message === "" ? thrown.name : `${thrown.name}: ${thrown.message}`;
  const message = `Job of kind "${kind}" failed: ${why}`;
  return answerError(500, { code: "job_failed", message, cause: thrown });
}

/** Name and message of what a job threw; of what is neither error nor plain value, its type. */
function readThrown(thrown: unknown): { name: string; message: string } {
  if (thrown instanceof Error) {
    const { name, message } = thrown;
    return { name: withoutPaths(String(name)), message: withoutPaths(String(message)) };
  }
  const isPlain = typeof thrown !== "object" && typeof thrown !== "function";
  return { name: typeof thrown, message: isPlain ? withoutPaths(String(thrown)) : "" };
}

const QUOTED_PATH = /(['"`])(?:file:\/\/|[A-Za-z]:[\\/]|\\\\|~?\/(?!\/))[^'"`\n]*\1/g;
const BARE_PATH =
  /(^|[\s'"`(=:,[<])(?:file:\/\/|[A-Za-z]:[\\/](?!\/)|\\\\|~?\/(?!\/))[^\s'"`)\],>]+/g;
const MAX_MESSAGE = 1_000;

/** A message without what it may tell of the machine: stack lines and absolute paths. */
export function withoutPaths(message: string): string {
  return message.split(/\n\s+at /, 1)[0].slice(0, MAX_MESSAGE)
    .replace(QUOTED_PATH, "$1<path>$1").replace(BARE_PATH, "$1<path>");
}
