import type { HonoRequest } from "hono";
import type { AnyKind, HelixRouter, Hints } from "../../../mod.ts";
import { answerJson } from "../answers/answer.ts";
import { answerThrown } from "../answers/failure.ts";
import { numberIn } from "../jobs/hints.ts";
import { parseJson } from "../requests/parse_json.ts";
import { invalidQuery, readQuery } from "../requests/query.ts";

/** The part of a router that explains. */
export type ExplainingRouter = Pick<
  HelixRouter<Readonly<Record<string, AnyKind>>>,
  "kinds" | "explain"
>;

/** Hints that a decision depends on. */
export const EXPLAIN_HINTS = [
  "computeCost",
  "scalingPotential",
  "latencyBudgetMs",
  "priority",
] as const;

const ACTION = "explain job";

/**
 * Answers `GET /api/explain/:kind`: the decision that would be made for a job now. The query has
 * its input as JSON, and its hints.
 *
 * @param router The router.
 * @param request The request.
 * @returns The response.
 * @throws {RefusedRequestError} If the query is invalid (422, 400).
 * @throws Errors that the client did not cause.
 */
export function explainJob(
  router: ExplainingRouter,
  request: HonoRequest<"/api/explain/:kind">,
): Response {
  const { input, ...texts } = readQuery(request, ["input", ...EXPLAIN_HINTS], ACTION);
  const hints = toHints(texts);
  const value = input === undefined ? null : parseJson(input, 'query "input"');
  try {
    return answerJson(200, router.explain(request.param("kind"), value, hints));
  } catch (error) {
    return answerThrown(error, { all: hints, body: undefined, isQuery: true });
  }
}

function toHints(texts: { readonly [name in typeof EXPLAIN_HINTS[number]]?: string }): Hints {
  const hints: { [name in typeof EXPLAIN_HINTS[number]]?: number } = {};
  for (const name of EXPLAIN_HINTS) {
    const text = texts[name];
    if (text === undefined) continue;
    const number = numberIn(text);
    if (number === undefined) throw invalidQuery(name, "a number", ACTION);
    hints[name] = number;
  }
  return hints;
}
