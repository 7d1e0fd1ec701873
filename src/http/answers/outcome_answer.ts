import type { Completed, Outcome } from "../../../mod.ts";
import { answerBody, answerJob } from "./answer.ts";
import { RefusedRequestError, retryAfter } from "./refusal.ts";

/** Bytes that a job returned; `undefined` for any other output. */
export function bytesOf(output: unknown): Uint8Array<ArrayBuffer> | ArrayBuffer | undefined {
  if (output instanceof ArrayBuffer) return output;
  // Shared memory may change while it is being sent.
  if (!(output instanceof Uint8Array)) return undefined;
  return output.buffer instanceof ArrayBuffer
    ? output as Uint8Array<ArrayBuffer>
    : new Uint8Array(output);
}

/** Describes a job in headers, for a response whose body is only its output. */
export function outcomeHeaders(outcome: Completed<unknown>): Record<string, string> {
  const { strategy, timing, withinBudget } = outcome;
  return {
    "helix-strategy": strategy,
    "helix-wait-ms": `${timing.waitMs}`,
    "helix-run-ms": `${timing.runMs}`,
    "helix-total-ms": `${timing.totalMs}`,
    "helix-within-budget": `${withinBudget}`,
  };
}

/**
 * Answers with the outcome of a job: bytes as they are, everything else as JSON.
 *
 * @param kind Name of its kind.
 * @param outcome Its outcome.
 * @param isBare Whether a JSON body, too, is only the output.
 * @returns The response.
 * @throws {RefusedRequestError} If the output cannot be serialized as JSON (500).
 */
export function answerOutcome(
  kind: string,
  outcome: Outcome<unknown>,
  isBare = false,
): Response {
  if (outcome.status === "dropped") {
    return answerJob(503, outcome, retryAfter(outcome.retryAfterMs));
  }
  const { status, output = null, strategy, timing, withinBudget } = outcome;
  const bytes = bytesOf(output);
  if (bytes !== undefined) {
    return answerBody(bytes, "application/octet-stream", outcomeHeaders(outcome));
  }
  try {
    if (isBare) return answerJob(200, output, outcomeHeaders(outcome));
    return answerJob(200, { status, output, strategy, timing, withinBudget });
  } catch {
    throw outputNotJson(kind);
  }
}

/** The error for an output that cannot be serialized as JSON. */
export function outputNotJson(kind: string): RefusedRequestError {
  const message = `Output of job of kind "${kind}" cannot be serialized as JSON`;
  return new RefusedRequestError(500, "output_not_json", message);
}
