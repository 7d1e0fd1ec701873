import type { HonoRequest } from "hono";
import { RefusedRequestError } from "../answers/refusal.ts";
import type { HttpHints } from "../api/jobs.ts";
import { checkBatchBody } from "../jobs/job_body.ts";
import type { ResolvedLimits } from "../requests/limits.ts";
import { parseJson } from "../requests/parse_json.ts";
import { bodyType, readJson, readText } from "../requests/read_body.ts";

/** Jobs of a batch, as they were sent. */
export interface BatchItems {
  /** How many there are. */
  readonly count: number;
  /** Hints in the body. */
  readonly hints: HttpHints | undefined;
  /**
   * Input of one of them.
   *
   * @throws {RefusedRequestError} If it is no JSON that can be taken.
   */
  inputOf(index: number): unknown;
}

/**
 * Reads a batch: JSON, or one JSON text a line. It is read whole, within `maxBodyBytes`: a client
 * that reads no answer before all is sent could otherwise wait for the server for ever, and the
 * server for it.
 *
 * @param request The request.
 * @param limits What it may have.
 * @returns The jobs.
 * @throws {RefusedRequestError} If it cannot be taken.
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

/** Lines that are not blank, and no more than one above the limit. */
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
  const message = `Cannot take the batch as it must have at most ${maxBatchItems} jobs`;
  throw new RefusedRequestError(413, "too_many_items", message);
}
