import * as errors from "../errors.ts";
import type { Rejection } from "../outcome.ts";

/** The caller's signal had aborted before submit. Never seen outside: its reason is. */
export class Aborted {
  readonly reason: unknown;

  constructor(reason: unknown) {
    this.reason = reason;
  }
}

/** Under which name a refused submit is counted. */
export function rejectionOf(error: unknown): Rejection {
  if (error instanceof errors.UnknownKindError) return "unknown_kind";
  if (error instanceof errors.InvalidInputError) return "invalid_input";
  if (error instanceof errors.InvalidHintError) return "invalid_hints";
  if (error instanceof errors.RouterClosedError) return "closed";
  if (error instanceof errors.PolicyError) return "policy_error";
  return error instanceof Aborted ? "aborted" : "other";
}
