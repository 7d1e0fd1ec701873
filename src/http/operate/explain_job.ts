import type { HonoRequest } from "hono";
import type { AnyKind, HelixRouter, SubmitOptions } from "../../../mod.ts";
import { answerJson } from "../answers/answer.ts";
import { answerThrown } from "../answers/failure.ts";
import { HINT_NAMES, hintIn, PROGRAM_HINT_NAMES, tighten } from "../jobs/hints.ts";
import { parseJson } from "../requests/parse_json.ts";
import { readQuery } from "../requests/query.ts";

/** The part of a router that explains. */
export type ExplainingRouter = Pick<
  HelixRouter<Readonly<Record<string, AnyKind>>>,
  "describe" | "explain"
>;

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
  for (const name of PROGRAM_HINT_NAMES) readHint(request, name);
  const { input } = readQuery(request, ["input", ...HINT_NAMES], ACTION);
  const hints = Object.fromEntries(HINT_NAMES.map((name) => [name, readHint(request, name)]));
  const value = input === undefined ? null : parseJson(input, 'query "input"');
  const kind = request.param("kind");
  let options: SubmitOptions | undefined;
  try {
    options = tighten(router.describe(kind).limits, hints);
    return answerJson(200, router.explain(kind, value, options));
  } catch (error) {
    return answerThrown(error, options);
  }
}

function readHint(request: HonoRequest, name: string): number | string | undefined {
  const text = request.query(name);
  return text === undefined ? undefined : hintIn(name, text, ["query", name], ACTION);
}
