/** Error codes. Every `error` in a response has one of these. */
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

/** An error code. */
export type ErrorCode = typeof ERROR_CODES[number];

/** One thing that is wrong with a request. */
export interface HttpIssue {
  /** Path from the body inwards, or `"headers"` or `"query"` and the name of one. */
  readonly path: readonly (string | number)[];
  /** What is wrong and what is wanted. */
  readonly message: string;
}

/** Response to a request that went wrong. */
export interface ErrorBody {
  /** What went wrong. */
  readonly error: {
    /** The error code. */
    readonly code: ErrorCode;
    /** Message for people. */
    readonly message: string;
    /** With 422: what is wrong, at most 20 entries, then how many more there are. */
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
