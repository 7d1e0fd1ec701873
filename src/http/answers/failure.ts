import {
  InvalidHintError,
  InvalidInputError,
  JobFailedError,
  JobTimeoutError,
  RouterClosedError,
  type SubmitOptions,
  UnknownKindError,
  WorkerCrashedError,
} from "../../../mod.ts";
import type { ErrorBody, ErrorCode } from "../api/error.ts";
import { answerError, answerRefusal } from "./answer.ts";
import { toIssue } from "./issue.ts";
import { RefusedRequestError } from "./refusal.ts";

/** The status that nginx uses for a client that has disconnected; nobody reads it. */
const CLIENT_CLOSED_REQUEST = 499;

/** Errors of the router that are reported with their own message. */
const PLAIN: readonly (readonly [new (...args: never[]) => Error, number, ErrorCode])[] = [
  [UnknownKindError, 404, "unknown_kind"],
  [RouterClosedError, 503, "router_closed"],
  [JobTimeoutError, 504, "run_timeout"],
];

/**
 * Answers with what a job, or the reading of its request, threw.
 *
 * @param error What was thrown.
 * @param options What the job was submitted with, as far as it is known.
 * @param signal Cancels the job when its client disconnects.
 * @returns The response.
 * @throws The error itself, if neither the client nor the job caused it.
 */
export function answerThrown(
  error: unknown,
  options?: SubmitOptions,
  signal?: Pick<AbortSignal, "aborted" | "reason">,
): Response {
  if (error instanceof RefusedRequestError) return answerRefusal(error);
  const told = tellFailure(error, options);
  if (told !== undefined) return answerError(told.status, told.error);
  if (signal?.aborted && error === signal.reason) {
    return new Response(null, { status: CLIENT_CLOSED_REQUEST });
  }
  throw error;
}

/** A failure, as it is reported to the client. */
export interface ToldFailure {
  /** Status of the response. */
  readonly status: number;
  /** The error in the body. */
  readonly error: ErrorBody["error"];
}

/**
 * Converts an error that the client or the job caused.
 *
 * @param error What was thrown.
 * @param options What the job was submitted with, as far as it is known.
 * @returns What is reported; `undefined` for any other error.
 */
export function tellFailure(error: unknown, options?: SubmitOptions): ToldFailure | undefined {
  if (error instanceof RefusedRequestError) {
    const { status, code, message, issues } = error;
    return { status, error: { code, message, issues } };
  }
  if (error instanceof JobFailedError) return tellJobFailed(error);
  if (error instanceof InvalidInputError) {
    // Without a cause the messages are the schema's; with one the schema itself threw.
    const clean = error.cause === undefined ? (text: string) => text : withoutPaths;
    const issues = error.issues.map(toIssue)
      .map(({ path, message }) => ({ path: ["input", ...path], message: clean(message) }));
    const message = clean(error.message);
    return { status: 422, error: { code: "invalid_input", message, issues } };
  }
  if (error instanceof InvalidHintError) {
    const { path, code } = placeOfHint(error.hint, options);
    const message = `Cannot submit job as "${error.hint}" must be ${error.wanted}`;
    const issues = [{ path, message: `Must be ${error.wanted}` }];
    return { status: 422, error: { code, message, issues } };
  }
  if (error instanceof WorkerCrashedError) {
    const message = withoutPaths(error.message);
    return { status: 502, error: { code: "worker_crashed", message } };
  }
  for (const [type, status, code] of PLAIN) {
    if (error instanceof type) return { status, error: { code, message: error.message } };
  }
  return undefined;
}

/** What a wrong hint is blamed on: the input, if its kind has computed the hint from it. */
export function placeOfHint(
  hint: string,
  options: SubmitOptions | undefined,
): { readonly path: readonly string[]; readonly code: ErrorCode } {
  const isGiven = options?.[hint as keyof SubmitOptions] !== undefined;
  return isGiven
    ? { path: ["hints", hint], code: "invalid_hints" }
    : { path: ["input"], code: "invalid_input" };
}

function tellJobFailed({ kind, cause }: JobFailedError): ToldFailure {
  const thrown = readThrown(cause);
  const why = thrown.message === "" ? thrown.name : `${thrown.name}: ${thrown.message}`;
  const message = `Job of kind "${kind}" failed: ${why}`;
  return { status: 500, error: { code: "job_failed", message, cause: thrown } };
}

/** Name and message of what a job threw; only its type if it is neither error nor primitive. */
function readThrown(thrown: unknown): { name: string; message: string } {
  if (thrown instanceof Error) {
    const { name, message } = thrown;
    return { name: withoutPaths(String(name)), message: withoutPaths(String(message)) };
  }
  const isPlain = typeof thrown !== "object" && typeof thrown !== "function";
  return { name: typeof thrown, message: isPlain ? withoutPaths(String(thrown)) : "" };
}

const QUOTED_PATH = /(['"`])(?:file:\/\/|[A-Za-z]:[\\/]|\\\\|~?\/(?!\/))[^'"`\n]*\1/g;
/** After anything but a word, a dot or a slash: "and/or", "../x" and URLs are no absolute paths. */
const BARE_PATH =
  /(?<![\p{L}\p{N}_./\\~])(?:file:\/\/|[A-Za-z]:[\\/](?!\/)|\\\\|~?\/(?!\/))[^\s'"`)\],>}|;]+/gu;
/** Characters of what a job threw, in a response. */
const MAX_THROWN = 1_000;

/** Removes what a message may reveal about the machine: stack lines and absolute paths. */
export function withoutPaths(message: string): string {
  // Cut first: on long text of blanks, splitting takes time in the square of its length.
  return message.slice(0, MAX_THROWN).split(/\n\s+at /, 1)[0]
    .replace(QUOTED_PATH, "$1<path>$1").replace(BARE_PATH, "<path>");
}
