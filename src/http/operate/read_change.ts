import type { CancelSignal } from "../../../mod.ts";
import type { HonoRequest } from "hono";
import { bodyType, readJson } from "../requests/read_body.ts";

/** No change needs more. */
const MAX_BYTES = 65_536;

/**
 * Reads the body of a request that changes state. Only JSON: what a web page could send without a
 * CORS preflight (a form, plain text) is not read.
 *
 * @param request The request.
 * @param signal Aborts when the request has taken too long.
 * @returns The value.
 * @throws {RefusedRequestError} If its content type is not JSON (415), it is too large (413), or it
 * is not acceptable JSON (400).
 * @throws The signal's reason, if it has aborted: a change that was refused must not take effect.
 */
export async function readChange(request: HonoRequest, signal: CancelSignal): Promise<unknown> {
  bodyType(request, ["application/json"]);
  const change = await readJson(request, MAX_BYTES);
  if (signal.aborted) throw signal.reason;
  return change;
}
