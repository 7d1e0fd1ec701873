import type { HonoRequest } from "hono";
import { z } from "zod";
import { RefusedRequestError } from "../answers/refusal.ts";
import type { HttpHints } from "../api/jobs.ts";

/** Checks only types: the router checks the ranges. */
export const hintsSchema: z.ZodType<HttpHints> = z.strictObject({
  computeCost: z.number().optional(),
  scalingPotential: z.number().optional(),
  latencyBudgetMs: z.number().optional(),
  priority: z.number().optional(),
  runTimeoutMs: z.number().optional(),
});

/** The hints and their headers. A hint in the body takes precedence over one in a header. */
export const HINT_HEADERS: readonly (readonly [keyof HttpHints, string])[] = [
  ["latencyBudgetMs", "helix-latency-budget-ms"],
  ["priority", "helix-priority"],
  ["computeCost", "helix-compute-cost"],
  ["scalingPotential", "helix-scaling-potential"],
  ["runTimeoutMs", "helix-run-timeout-ms"],
];

/** Hints of a request, and where they were given. */
export interface GivenHints {
  /** All of them. */
  readonly all: HttpHints | undefined;
  /** Those from the body; the others came from headers. */
  readonly body: HttpHints | undefined;
  /** Whether all came from the query. */
  readonly isQuery?: boolean;
}

/** A request without hints. */
export const NO_HINTS: GivenHints = { all: undefined, body: undefined };

/**
 * Reads the hints of a request.
 *
 * @param request The request.
 * @param body Hints in its body.
 * @returns The hints; those in the body take precedence.
 * @throws {RefusedRequestError} If a header is not a number (422).
 */
export function readHints(request: HonoRequest, body: HttpHints | undefined): GivenHints {
  let headers: Record<string, number> | undefined;
  const given = request.raw.headers;
  for (const [hint, name] of HINT_HEADERS) {
    const text = given.get(name);
    if (text !== null) (headers ??= {})[hint] = toNumber(name, text);
  }
  if (headers === undefined) return body === undefined ? NO_HINTS : { all: body, body };
  return { all: { ...headers, ...body }, body };
}

/** The number in a text; `undefined` if it is not one. */
export function numberIn(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : undefined;
}

function toNumber(name: string, text: string): number {
  const number = numberIn(text);
  if (number !== undefined) return number;
  const message = `Cannot submit job as header "${name}" must be a number`;
  const issues = [{ path: ["headers", name], message: "Must be a number" }];
  throw new RefusedRequestError(422, "invalid_hints", message, { issues });
}

/** The path of a hint in the request; that of the input if the hint was not given. */
export function placeOfHint(hint: string, given: GivenHints): readonly string[] {
  if (given.body !== undefined && Object.hasOwn(given.body, hint)) return ["hints", hint];
  const isGiven = given.all !== undefined && Object.hasOwn(given.all, hint);
  if (isGiven && given.isQuery) return ["query", hint];
  const header = isGiven && HINT_HEADERS.find(([name]) => name === hint);
  // A cost that the client did not give was computed from the input by the kind.
  return header ? ["headers", header[1]] : ["input"];
}
