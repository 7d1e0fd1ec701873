import type { HonoRequest } from "hono";
import { RefusedRequestError } from "../answers/refusal.ts";
import type { HttpHints } from "../api/jobs.ts";
import { checkBatchBody } from "../jobs/job_body.ts";
import type { ResolvedLimits } from "../requests/limits.ts";
import { parseJson } from "../requests/parse_json.ts";
import { bodyType, readJson, readText } from "../requests/read_body.ts";

/** Jobs of a batch, as they were sent. */
export interface BatchItems {
  /** Number of jobs. */
  readonly count: number;
  /** Hints in the body. */
  readonly hints: HttpHints | undefined;
  /**
   * Input of one of them.
   *
   * @throws {RefusedRequestError} If it is not acceptable JSON.
   */
  inputOf(index: number): unknown;
}

/**
 * Reads a batch: JSON, or one JSON text per line. It is read as a whole, within `maxBodyBytes`:
 * otherwise a client that sends all before it reads could deadlock with the server.
 *
 * @param request The request.
 * @param limits Its limits.
 * @returns The jobs.
 * @throws {RefusedRequestError} If it is not acceptable.
 */
export async function readBatch(
  request: HonoRequest,
  limits: ResolvedLimits,
): Promise<BatchItems> {
  if (bodyType(request, BATCH_TYPES) === "application/json") {
    const { inputs, hints } = checkBatchBody(await readJson(request, limits.maxBodyBytes));
    checkCount(inputs.length, limits);
    return { count: inputs.length, hints, inputOf: (index) => inputs[index] };
  }
  const lines = splitLines(await readText(request, limits.maxBodyBytes), limits.maxBatchItems);
  checkCount(lines.length, limits);
  return { count: lines.length, hints: undefined, inputOf: (index) => parseJson(lines[index]) };
}

const BATCH_TYPES = ["application/json", "application/x-ndjson"] as const;

/** The lines that are not blank, at most one more than the limit. */
function splitLines(text: string, maxLines: number): string[] {
  const lines: string[] = [];
  for (let start = 0; start < text.length && lines.length <= maxLines;) {
    const found = text.indexOf("\n", start);
    const end = found < 0 ? text.length : found;
    const line = text.slice(start, end).trim();
    if (line !== "") lines.push(line);
    start = end + 1;
  }
  return lines;
}

function checkCount(count: number, { maxBatchItems }: ResolvedLimits): void {
  if (count <= maxBatchItems) return;
  const message = `Cannot submit batch as it must have at most ${maxBatchItems} jobs`;
  throw new RefusedRequestError(413, "too_many_items", message);
}
