import type { CancelSignal } from "../cancel_signal.ts";
import * as errors from "../errors.ts";
import type { Rejection } from "../outcome.ts";

/** A submit that did not become a job. */
export class Refusal {
  readonly state = "refused";
  /** Under what it is counted. */
  declare readonly cause: Rejection;
  /** What the caller gets. */
  declare readonly error: unknown;

  constructor(cause: Rejection, error: unknown) {
    this.cause = cause;
    this.error = error;
  }
}

/** The refusal for what a check, or the policy, threw. */
export function refusalOf(error: unknown): Refusal {
  return new Refusal(causeOf(error), error);
}

/** The refusal for a signal that has aborted; `null` if it has not, or there is none. */
export function refusalBy(signal: CancelSignal | undefined): Refusal | null {
  return signal?.aborted ? new Refusal("aborted", signal.reason) : null;
}

function causeOf(error: unknown): Rejection {
  if (error instanceof errors.UnknownKindError) return "unknown_kind";
  if (error instanceof errors.InvalidInputError) return "invalid_input";
  if (error instanceof errors.InvalidHintError) return "invalid_hints";
  if (error instanceof errors.RouterClosedError) return "closed";
  return error instanceof errors.PolicyError ? "policy_error" : "other";
}
