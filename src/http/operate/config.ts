import type { HonoRequest } from "hono";
import { type HelixRouter, InvalidOptionError, type RouterConfig } from "../../../mod.ts";
import { answerJson } from "../answers/answer.ts";
import { RefusedRequestError } from "../answers/refusal.ts";
import type { HttpIssue } from "../api/error.ts";
import type { ConfigBody } from "../api/operation.ts";
import { type AuditRecord, toConfigAudit } from "./audit.ts";
import { readChange } from "./read_change.ts";

/** The part of a router that is configured. */
export type ConfiguredRouter = Pick<HelixRouter<unknown>, "config" | "configure">;

/** Answers `GET /api/config`. */
export function answerConfig(router: ConfiguredRouter): Response {
  return answerJson(200, toConfigBody(router.config()));
}

/**
 * Answers `PATCH /api/config`.
 *
 * @param router Who is configured.
 * @param request The request; who sent it has been checked.
 * @param signal Aborts when it has taken too long.
 * @param audit Is told of what has changed, if something has.
 * @returns The answer.
 * @throws {RefusedRequestError} If the change cannot be read, or is wrong (422).
 */
export async function changeConfig(
  router: ConfiguredRouter,
  request: HonoRequest,
  signal: AbortSignal,
  audit: (record: AuditRecord) => void,
): Promise<Response> {
  const change = toChange(await readChange(request, signal));
  const before = router.config();
  const after = configure(router, change);
  const record = toConfigAudit(before, after);
  if (record !== undefined) audit(record);
  return answerJson(200, toConfigBody(after));
}

function configure(router: ConfiguredRouter, change: Partial<RouterConfig>): RouterConfig {
  try {
    return router.configure(change);
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    const { option } = error;
    const wanted = error.wanted.replaceAll("Infinity", "null");
    const path = option.startsWith("policy.") ? ["policy", option.slice(7)] : [option];
    const message = `Cannot configure router as "${option}" must be ${wanted}`;
    throw invalidConfig(message, { path, message: `Must be ${wanted}` });
  }
}

function invalidConfig(message: string, issue: HttpIssue): RefusedRequestError {
  return new RefusedRequestError(422, "invalid_config", message, { issues: [issue] });
}

/** JSON has no infinity: `null` stands for it, in both directions. */
function toChange(body: unknown): Partial<RouterConfig> {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw invalidConfig("Cannot configure router as its change must be an object of options", {
      path: [],
      message: "Must be an object of options",
    });
  }
  const isForEver = "abortGraceMs" in body && body.abortGraceMs === null;
  return isForEver ? { ...body, abortGraceMs: Infinity } : body;
}

function toConfigBody(config: RouterConfig): ConfigBody {
  const writable = (Object.keys(config) as (keyof RouterConfig)[])
    .filter((name) => config[name] !== undefined);
  const abortGraceMs = config.abortGraceMs === Infinity ? null : config.abortGraceMs;
  return { config: { ...config, abortGraceMs }, writable };
}
