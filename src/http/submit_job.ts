import type { HonoRequest } from "hono";
import type { AnyKind, HelixRouter, Outcome } from "../../mod.ts";
import { answerError, answerJson } from "./answer.ts";
import type { HttpHints } from "./api.ts";
import { answerFailure, answerGone } from "./failure.ts";
import { checkJobBody } from "./job_body.ts";
import { readJson } from "./read_json.ts";

/** The part of a router that takes jobs. */
export type JobRouter = Pick<HelixRouter<Readonly<Record<string, AnyKind>>>, "kinds" | "submit">;

/**
 * Answers `POST /api/jobs/:kind`.
 *
 * @param router Who runs the job.
 * @param request The request.
 * @param maxBodyBytes Its body may have this many bytes.
 * @returns The answer.
 * @throws What is neither the client's fault nor the job's.
 */
export async function submitJob(
  router: JobRouter,
  request: HonoRequest<"/api/jobs/:kind">,
  maxBodyBytes: number,
): Promise<Response> {
  const kind = request.param("kind");
  const { signal } = request.raw;
  let hints: HttpHints | undefined;
  let outcome: Outcome<unknown>;
  try {
    let input: unknown = null;
    // The router itself refuses, and counts, a kind it does not know: its body is not looked at.
    if (router.kinds.includes(kind)) {
      ({ input, hints } = checkJobBody(await readJson(request, maxBodyBytes)));
    }
    outcome = await router.submit(kind, input, { ...hints, signal });
  } catch (error) {
    if (signal.aborted) return answerGone();
    const answer = answerFailure(error, hints);
    if (answer === undefined) throw error;
    return answer;
  }
  return answerOutcome(kind, outcome);
}

function answerOutcome(kind: string, outcome: Outcome<unknown>): Response {
  if (outcome.status === "dropped") {
    const seconds = Math.max(1, Math.ceil(outcome.retryAfterMs / 1_000));
    return answerJson(503, outcome, { "retry-after": `${seconds}` });
  }
  const { status, output = null, strategy, timing, withinBudget } = outcome;
  try {
    return answerJson(200, { status, output, strategy, timing, withinBudget });
  } catch {
    const message = `Output of job of kind "${kind}" cannot be written as JSON`;
    return answerError(500, { code: "output_not_json", message });
  }
}
