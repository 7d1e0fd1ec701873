import type { ErrorBody } from "../api/error.ts";
import type { RefusedRequestError } from "./refusal.ts";

/** An answer is data: no browser may guess its type, frame it, keep it or say where it came from. */
export const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

type Headers = Readonly<Record<string, string>>;

/**
 * Writes a value as JSON: a bigint as decimal string, numbers that are not finite as `null`.
 *
 * @throws {TypeError} If the value refers to itself, or a `toJSON` in it throws.
 */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // Slower by far, so it is only for what has a bigint in it.
    return JSON.stringify(value, (_, part) => typeof part === "bigint" ? `${part}` : part);
  }
}

const JSON_HEADERS = { ...HEADERS, "content-type": "application/json" };

/**
 * Headers of a job's answer that has none of its own. No cache keeps what is answered to a `POST`, and
 * no browser shows it as a page or runs it as a script, so there is nothing to hold back; and Deno
 * has a way for an answer that tells its type alone that takes half the time.
 */
const TYPE_ALONE = { "content-type": "application/json" };

/** Headers of a job's answer beside its own, which may be one to a `GET`. */
const JOB_HEADERS = {
  "cache-control": "no-store",
  "content-type": "application/json",
  "x-content-type-options": "nosniff",
};

/** Answers with what became of a job. */
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

/** Answers with an error. */
export function answerError(
  status: number,
  error: ErrorBody["error"],
  headers?: Headers,
): Response {
  return answerJson(status, { error }, headers);
}

/** Answers to a request that is not served. */
export function answerRefusal(refusal: RefusedRequestError): Response {
  const { status, code, message, issues, headers } = refusal;
  return answerError(status, { code, message, issues }, headers);
}
