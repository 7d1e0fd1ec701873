import type { ErrorBody } from "../api/error.ts";
import { boundError } from "./bounded_error.ts";
import type { RefusedRequestError } from "./refusal.ts";

/** A response is data: browsers must not sniff, frame or cache it, or send its URL as a referrer. */
export const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

type Headers = Readonly<Record<string, string>>;

/**
 * Serializes a value as JSON: bigints as decimal strings, numbers that are not finite as `null`.
 *
 * @throws {TypeError} If the value is circular, or a `toJSON` in it throws.
 */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // Much slower, so only for values that have a bigint in them.
    return JSON.stringify(value, (_, part) => typeof part === "bigint" ? `${part}` : part);
  }
}

const JSON_HEADERS = { ...HEADERS, "content-type": "application/json" };

/**
 * Headers of a job's response that has no others. No cache stores the response to a `POST`, and no
 * browser shows it as a page or runs it as a script, so it needs no protection; and Deno has a fast
 * path for a response with only a content type, which takes half the time.
 */
const TYPE_ALONE = { "content-type": "application/json" };

/** Headers of a job's response in addition to its own; it may be one to a `GET`. */
const JOB_HEADERS = {
  "cache-control": "no-store",
  "content-type": "application/json",
  "x-content-type-options": "nosniff",
};

/** Answers with the result of a job. */
export function answerJob(status: number, body: unknown, headers?: Headers): Response {
  const all = headers === undefined ? TYPE_ALONE : { ...JOB_HEADERS, ...headers };
  return new Response(toJson(body), { status, headers: all });
}

/** Answers with JSON. */
export function answerJson(status: number, body: unknown, headers?: Headers): Response {
  const all = headers === undefined ? JSON_HEADERS : { ...JSON_HEADERS, ...headers };
  return new Response(toJson(body), { status, headers: all });
}

/** Answers with something else: text, bytes, or a stream of them. */
export function answerBody(
  body: string | Uint8Array<ArrayBuffer> | ArrayBuffer | ReadableStream<Uint8Array>,
  contentType: string,
  headers?: Headers,
): Response {
  return new Response(body, { headers: { ...HEADERS, "content-type": contentType, ...headers } });
}

/** Answers with an error, bounded. */
export function answerError(
  status: number,
  error: ErrorBody["error"],
  headers?: Headers,
): Response {
  return answerJson(status, { error: boundError(error) }, headers);
}

/** Answers a request that is refused. */
export function answerRefusal(refusal: RefusedRequestError): Response {
  const { status, code, message, issues, headers } = refusal;
  return answerError(status, { code, message, issues }, headers);
}
