import type { HonoRequest } from "hono";
import { readJson } from "./read_json.ts";

/** No change of state needs more. */
const MAX_BYTES = 65_536;

/**
 * Reads the body of a request that changes state. Only JSON: what a web page could send without
 * asking first (a form, plain text) is not read.
 *
 * @param request The request.
 * @returns The value.
 * @throws {RefusedRequestError} If it is not said to be JSON (415), too large (413), or no JSON that
 * can be taken (400).
 */
export function readChange(request: HonoRequest): Promise<unknown> {
  return readJson(request, MAX_BYTES);
}
