import type { HonoRequest } from "hono";
import type { Outcome, SubmitOptions } from "../../../mod.ts";
import { answerBody, toJson } from "../answers/answer.ts";
import { boundError } from "../answers/bounded_error.ts";
import { answerThrown, tellFailure } from "../answers/failure.ts";
import { bytesOf, outputNotJson } from "../answers/outcome_answer.ts";
import type { BatchLine } from "../api/jobs.ts";
import { readHints } from "../jobs/hints.ts";
import { runJob, type ServedKind } from "../jobs/run_job.ts";
import type { ServedJobs } from "../jobs/served_jobs.ts";
import { refuseKind } from "../jobs/submit_job.ts";
import type { RunningRequest } from "../requests/running_requests.ts";
import { toBase64 } from "./base64.ts";
import { type BatchItems, readBatch } from "./batch_items.ts";
import { BatchLines } from "./batch_lines.ts";

/**
 * Answers `POST /api/jobs/:kind/batch`, line by line.
 *
 * @param jobs The served jobs.
 * @param request The request.
 * @param onError Called with errors that neither the client nor a job caused.
 * @returns The response.
 * @throws Errors that neither the client nor a job caused, before the first line.
 */
export function submitBatch(
  jobs: ServedJobs,
  request: HonoRequest<"/api/jobs/:kind/batch">,
  onError: (error: unknown) => void,
): Response | Promise<Response> {
  const name = request.param("kind");
  const kind = jobs.kindOf(name);
  if (kind === undefined) return refuseKind(jobs, name);
  return jobs.requests.answer(request.raw, async (running) => {
    try {
      const items = await readBatch(request, jobs.limits);
      const options = readHints(request, items.hints, kind.limits);
      return answerLines(new Batch(jobs, kind, items, options, running, onError), running);
    } catch (error) {
      return answerThrown(error, undefined, running);
    }
  });
}

function answerLines(batch: Batch, running: RunningRequest): Response {
  const lines = new BatchLines(batch);
  running.isHeld = true;
  running.onExpire = (reason) => lines.hurry(reason);
  return answerBody(lines.stream, "application/x-ndjson");
}

/** The jobs of one batch. */
class Batch {
  readonly #jobs: ServedJobs;
  readonly #kind: ServedKind;
  readonly #items: BatchItems;
  readonly #options: SubmitOptions | undefined;
  readonly #running: RunningRequest;
  readonly #onError: (error: unknown) => void;

  constructor(
    jobs: ServedJobs,
    kind: ServedKind,
    items: BatchItems,
    options: SubmitOptions | undefined,
    running: RunningRequest,
    onError: (error: unknown) => void,
  ) {
    this.#jobs = jobs;
    this.#kind = kind;
    this.#items = items;
    this.#options = options;
    this.#running = running;
    this.#onError = onError;
  }

  get count(): number {
    return this.#items.count;
  }

  async lineOf(index: number): Promise<string> {
    const { router, limits } = this.#jobs;
    const signal = this.#running;
    let outcome: Outcome<unknown>;
    try {
      const input = this.#items.inputOf(index);
      const { maxComputeCost } = limits;
      outcome = await runJob(router, this.#kind, input, this.#options, signal, maxComputeCost);
    } catch (error) {
      return this.#failureLine(index, error);
    }
    try {
      return toJson(toLine(index, outcome));
    } catch {
      return this.#failureLine(index, outputNotJson(this.#kind.name));
    }
  }

  cancel(reason: unknown): void {
    this.#running.abort(reason);
  }

  end(): void {
    this.#running.end();
  }

  #failureLine(index: number, error: unknown): string {
    let told = tellFailure(error, this.#options)?.error;
    if (told === undefined) {
      // A client that has disconnected is not a failure, and reads no line.
      if (!this.#running.aborted) this.#onError(error);
      told = { code: "internal", message: "The server has failed" };
    }
    const line: BatchLine = { index, status: "failed", error: boundError(told) };
    return toJson(line);
  }
}

function toLine(index: number, outcome: Outcome<unknown>): BatchLine {
  if (outcome.status === "dropped") return { index, ...outcome };
  const { status, output = null, strategy, timing, withinBudget } = outcome;
  const bytes = bytesOf(output);
  const told = bytes === undefined
    ? { output }
    : { output: toBase64(bytes), encoding: "base64" as const };
  return { index, status, ...told, strategy, timing, withinBudget };
}
