import { HelixError } from "../../../mod.ts";
import type { ErrorCode, HttpIssue } from "../api/error.ts";

/** What a refusal may have besides its code. */
interface RefusalOptions {
  /** Everything that is wrong. */
  readonly issues?: readonly HttpIssue[];
  /** Headers of the response. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refused request, and how it is answered. Every refusal is one of these. */
export class RefusedRequestError extends HelixError {
  /** Status of the response. */
  declare readonly status: number;
  /** Code in the response. */
  declare readonly code: ErrorCode;
  /** Everything that is wrong. */
  declare readonly issues: readonly HttpIssue[] | undefined;
  /** Headers of the response. */
  declare readonly headers: Readonly<Record<string, string>> | undefined;

  /** Makes the error. */
  constructor(status: number, code: ErrorCode, message: string, options: RefusalOptions = {}) {
    const { issues, headers } = options;
    super("RefusedRequestError", message, { status, code, issues, headers });
  }
}

/** The header that says when to retry, in whole seconds. */
export function retryAfter(ms: number): { readonly "retry-after": string } {
  return { "retry-after": `${Math.max(1, Math.ceil(ms / 1_000))}` };
}

/** The refusal of a request under overload. */
export function overloaded(why: string, retryAfterMs = 1_000): RefusedRequestError {
  const message = `Cannot serve the request as ${why}: try again later`;
  return new RefusedRequestError(503, "overloaded", message, { headers: retryAfter(retryAfterMs) });
}
