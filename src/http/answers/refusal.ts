import { HelixError } from "../../../mod.ts";
import type { ErrorCode, HttpIssue } from "../api/error.ts";

/** What a refusal may say beside its code. */
interface RefusalOptions {
  /** All that is wrong. */
  readonly issues?: readonly HttpIssue[];
  /** Headers of the answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is not served, and how it is answered. Every refusal is one of these. */
export class RefusedRequestError extends HelixError {
  /** Status of the answer. */
  declare readonly status: number;
  /** Code in the answer. */
  declare readonly code: ErrorCode;
  /** All that is wrong. */
  declare readonly issues: readonly HttpIssue[] | undefined;
  /** Headers of the answer. */
  declare readonly headers: Readonly<Record<string, string>> | undefined;

  /** Makes the error. */
  constructor(status: number, code: ErrorCode, message: string, options: RefusalOptions = {}) {
    const { issues, headers } = options;
    super("RefusedRequestError", message, { status, code, issues, headers });
  }
}

/** The header that tells when to try again, in whole seconds. */
export function retryAfter(ms: number): { readonly "retry-after": string } {
  return { "retry-after": `${Math.max(1, Math.ceil(ms / 1_000))}` };
}

/** The refusal of a request that comes when there are too many, or too much is to be done. */
export function overloaded(why: string, retryAfterMs = 1_000): RefusedRequestError {
  const message = `Cannot take the request as ${why}: try again later`;
  return new RefusedRequestError(503, "overloaded", message, { headers: retryAfter(retryAfterMs) });
}
