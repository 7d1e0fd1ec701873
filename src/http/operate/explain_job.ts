import type { HonoRequest } from "hono";
import type { AnyKind, DecisionRecord, HelixRouter, Hints } from "../../../mod.ts";
import { answerJson, RefusedRequestError } from "../answers/answer.ts";
import { answerFailure } from "../answers/failure.ts";
import { parseJson } from "../requests/parse_json.ts";

/** The part of a router that explains. */
export type ExplainingRouter = Pick<
  HelixRouter<Readonly<Record<string, AnyKind>>>,
  "kinds" | "explain"
>;

const HINTS = ["computeCost", "scalingPotential", "latencyBudgetMs", "priority"] as const;

/**
 * Answers `GET /api/explain/:kind`: what would be decided for a job now. The query has its input as
 * JSON, and its hints.
 *
 * @param router Who explains.
 * @param request The request.
 * @returns The answer.
 * @throws What is not the client's fault.
 */
export function explainJob(
  router: ExplainingRouter,
  request: HonoRequest<"/api/explain/:kind">,
): Response {
  const query = request.query();
  let hints: Hints | undefined;
  let record: DecisionRecord;
  try {
    hints = readHints(query);
    const input = query.input === undefined ? null : parseJson(query.input);
    record = router.explain(request.param("kind"), input, hints);
  } catch (error) {
    const answer = answerFailure(error, { all: hints, body: hints });
    if (answer === undefined) throw error;
    return answer;
  }
  return answerJson(200, record);
}

function readHints(query: Readonly<Record<string, string>>): Hints {
  const known: readonly string[] = ["input", ...HINTS];
  const issues = Object.keys(query).filter((name) => !known.includes(name))
    .map((name) => ({ path: [name], message: `Must be one of ${known.join(", ")}` }));
  const hints: Record<string, number> = {};
  for (const name of HINTS) {
    const text = query[name];
    if (text === undefined) continue;
    hints[name] = /^\d+(\.\d+)?(e\d+)?$/i.test(text) ? Number(text) : NaN;
    if (Number.isNaN(hints[name])) issues.push({ path: [name], message: "Must be a number" });
  }
  if (issues.length === 0) return hints;
  const message = `Cannot explain job as its query is invalid: ${issues[0].message}`;
  throw new RefusedRequestError(422, "invalid_query", message, issues);
}
