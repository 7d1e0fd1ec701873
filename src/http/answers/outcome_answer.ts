import type { Completed, Outcome } from "../../../mod.ts";
import { answerBody, answerJob } from "./answer.ts";
import { RefusedRequestError, retryAfter } from "./refusal.ts";

/** Bytes that a job gave back; `undefined` for every other output. */
export function bytesOf(output: unknown): Uint8Array<ArrayBuffer> | ArrayBuffer | undefined {
  if (output instanceof ArrayBuffer) return output;
  // Memory that is shared may change under the answer.
  if (!(output instanceof Uint8Array)) return undefined;
  return output.buffer instanceof ArrayBuffer
    ? output as Uint8Array<ArrayBuffer>
    : new Uint8Array(output);
}

/** Tells of a job in headers, where the body is its output alone. */
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
 * Answers with what became of a job: bytes as they are, everything else as JSON.
 *
 * @param kind Name of its kind.
 * @param outcome What became of it.
 * @param isBare Whether JSON, too, is the output alone.
 * @returns The answer.
 * @throws {RefusedRequestError} If the output is no JSON (500).
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

/** The refusal of an output that JSON has no words for. */
export function outputNotJson(kind: string): RefusedRequestError {
  const message = `Output of job of kind "${kind}" cannot be written as JSON`;
  return new RefusedRequestError(500, "output_not_json", message);
}
