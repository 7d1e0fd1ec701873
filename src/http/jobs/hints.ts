import type { HonoRequest } from "hono";
import { z } from "zod";
import { RefusedRequestError } from "../answers/refusal.ts";
import type { HttpHints } from "../api/jobs.ts";

/** Form only: the router knows the ranges. */
export const hintsSchema: z.ZodType<HttpHints> = z.strictObject({
  computeCost: z.number().optional(),
  scalingPotential: z.number().optional(),
  latencyBudgetMs: z.number().optional(),
  priority: z.number().optional(),
  runTimeoutMs: z.number().optional(),
});

/** The hints by the headers that give them. A hint in the body goes before that in a header. */
export const HINT_HEADERS: readonly (readonly [keyof HttpHints, string])[] = [
  ["latencyBudgetMs", "helix-latency-budget-ms"],
  ["priority", "helix-priority"],
  ["computeCost", "helix-compute-cost"],
  ["scalingPotential", "helix-scaling-potential"],
  ["runTimeoutMs", "helix-run-timeout-ms"],
];

/** Hints of a request, and where they were given. */
export interface GivenHints {
  /** All. */
  readonly all: HttpHints | undefined;
  /** Those of the body; the others came by header. */
  readonly body: HttpHints | undefined;
  /** Whether all came in the query. */
  readonly isQuery?: boolean;
}

/** A request without hints. */
export const NO_HINTS: GivenHints = { all: undefined, body: undefined };

/**
 * Reads the hints of a request.
 *
 * @param request The request.
 * @param body Hints in its body.
 * @returns Both, the body's first.
 * @throws {RefusedRequestError} If a header is no number (422).
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

/** The number that a text says; `undefined` where it says none. */
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

/** Where a hint was given, as keys from the request inwards; the input where it was not. */
export function placeOfHint(hint: string, given: GivenHints): readonly string[] {
  if (given.body !== undefined && Object.hasOwn(given.body, hint)) return ["hints", hint];
  const isGiven = given.all !== undefined && Object.hasOwn(given.all, hint);
  if (isGiven && given.isQuery) return ["query", hint];
  const header = isGiven && HINT_HEADERS.find(([name]) => name === hint);
  // A cost that is not the client's is what the kind made of the input.
  return header ? ["headers", header[1]] : ["input"];
}
