import { RefusedRequestError } from "../answers/refusal.ts";

/** The longest delay of a timer, in ms. */
export const MAX_TIMER_MS = 2_147_483_647;

/** The longest key of a job, in characters. */
export const MAX_KEY_LENGTH = 200;

/** Limits of one request, and of all together. A request over a limit is refused. */
export interface HttpLimits {
  /** Maximum size of a body, in bytes, an integer >= 1 (413 `too_large`). @default {1048576} */
  readonly maxBodyBytes?: number;
  /** Maximum number of jobs in a batch, an integer >= 1 (413 `too_many_items`). @default {1000} */
  readonly maxBatchItems?: number;
  /**
   * Maximum number of requests at a time, an integer >= 1 or Infinity (503 `overloaded`). A batch
   * counts as one. @default {1024}
   */
  readonly maxConcurrentRequests?: number;
  /**
   * Maximum time from a request's head to its response, in ms, above 0 and at most 2,147,483,647,
   * or Infinity (504 `request_timeout`): includes a slow body; the job is cancelled. @default
   * {30000}
   */
  readonly requestTimeoutMs?: number;
  /**
   * Maximum compute cost of a job, as its kind has it, >= 0 or Infinity (422). The input of a kind whose
   * cost is a function is validated once more before the submit; with Infinity it is not.
   * @default {1e9}
   */
  readonly maxComputeCost?: number;
}

/** Limits, with all of them set. */
export type ResolvedLimits = Required<HttpLimits>;

/**
 * Checks the limits, and fills in the defaults.
 *
 * @param limits The limits given.
 * @param action What cannot be done if one is invalid.
 * @returns All limits.
 * @throws {RangeError} If one is out of range.
 */
export function resolveLimits(limits: HttpLimits, action: string): ResolvedLimits {
  const {
    maxBodyBytes = 1_048_576,
    maxBatchItems = 1_000,
    maxConcurrentRequests = 1_024,
    requestTimeoutMs = 30_000,
    maxComputeCost = 1e9,
  } = limits;
  const check = (name: keyof HttpLimits, value: unknown, isRight: boolean, wanted: string) => {
    if (isRight) return;
    throw new RangeError(
      `Cannot ${action} as "${name}" must be ${wanted}: received ${String(value)}`,
    );
  };
  const isCount = (value: number) => Number.isSafeInteger(value) && value >= 1;
  const time = `a number of ms above 0 and at most ${MAX_TIMER_MS}, or Infinity`;
  const isTime = requestTimeoutMs > 0 && requestTimeoutMs <= MAX_TIMER_MS;
  const isConcurrency = isCount(maxConcurrentRequests) || maxConcurrentRequests === Infinity;
  check("maxBodyBytes", maxBodyBytes, isCount(maxBodyBytes), "an integer >= 1");
  check("maxBatchItems", maxBatchItems, isCount(maxBatchItems), "an integer >= 1");
  const wanted = "an integer >= 1 or Infinity";
  check("maxConcurrentRequests", maxConcurrentRequests, isConcurrency, wanted);
  check("requestTimeoutMs", requestTimeoutMs, isTime || requestTimeoutMs === Infinity, time);
  const isCost = typeof maxComputeCost === "number" && maxComputeCost >= 0;
  check("maxComputeCost", maxComputeCost, isCost, "a number >= 0 or Infinity");
  return { maxBodyBytes, maxBatchItems, maxConcurrentRequests, requestTimeoutMs, maxComputeCost };
}

/** The refusal of a request that takes too long; also the reason its job is cancelled with. */
export function requestTimeout(timeoutMs: number): RefusedRequestError {
  const message = `Request took longer than its timeout: ${timeoutMs} ms`;
  // A client that is too slow must not keep its connection open.
  const headers = { connection: "close" };
  return new RefusedRequestError(504, "request_timeout", message, { headers });
}
