import type { HonoRequest } from "hono";
import type { SubmitOptions } from "../../../mod.ts";
import { answerThrown } from "../answers/failure.ts";
import { answerOutcome } from "../answers/outcome_answer.ts";
import { bodyType, readBytes, readJson } from "../requests/read_body.ts";
import type { RunningRequest } from "../requests/running_requests.ts";
import { readHints } from "./hints.ts";
import { checkJobBody } from "./job_body.ts";
import { runJob, type ServedKind } from "./run_job.ts";
import type { ServedJobs } from "./served_jobs.ts";

/**
 * Answers `POST /api/jobs/:kind`.
 *
 * @param jobs The served jobs.
 * @param request The request.
 * @returns The response.
 * @throws Errors that neither the client nor the job caused.
 */
export function submitJob(
  jobs: ServedJobs,
  request: HonoRequest<"/api/jobs/:kind">,
): Response | Promise<Response> {
  const name = request.param("kind");
  const kind = jobs.kindOf(name);
  if (kind === undefined) return refuseKind(jobs, name);
  return jobs.requests.answer(request.raw, (running) => answerJob(jobs, kind, request, running));
}

/** Lets the router refuse, and count, a kind it does not know; the body is not read. */
export async function refuseKind({ router }: ServedJobs, name: string): Promise<Response> {
  try {
    await router.submit(name, null);
  } catch (error) {
    return answerThrown(error);
  }
  throw new Error(`Router has a kind that it does not list: ${name}`);
}

async function answerJob(
  jobs: ServedJobs,
  kind: ServedKind,
  request: HonoRequest,
  running: RunningRequest,
): Promise<Response> {
  const { maxBodyBytes, maxComputeCost } = jobs.limits;
  let options: SubmitOptions | undefined;
  try {
    let input: unknown;
    if (bodyType(request, JOB_TYPES) === "application/json") {
      const body = checkJobBody(await readJson(request, maxBodyBytes));
      input = body.input;
      options = readHints(request, body.hints, kind.limits);
    } else {
      options = readHints(request, undefined, kind.limits);
      input = await readBytes(request, maxBodyBytes);
    }
    const outcome = await runJob(jobs.router, kind, input, options, running, maxComputeCost);
    return answerOutcome(kind.name, outcome);
  } catch (error) {
    return answerThrown(error, options, running);
  }
}

const JOB_TYPES = ["application/json", "application/octet-stream"] as const;
