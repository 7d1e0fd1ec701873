import type { HonoRequest } from "hono";
import {
  type CancelSignal,
  type HelixRouter,
  InvalidOptionError,
  type RouterConfig,
} from "../../../mod.ts";
import { answerJson } from "../answers/answer.ts";
import { toIssue } from "../answers/issue.ts";
import { RefusedRequestError } from "../answers/refusal.ts";
import type { HttpIssue } from "../api/error.ts";
import type { ConfigBody } from "../api/operation.ts";
import { type AuditRecord, toConfigAudit } from "./audit.ts";
import { configChange } from "./config_schema.ts";
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
 * @param router The router.
 * @param request The request, already authorized.
 * @param signal Aborts when it has taken too long.
 * @param audit Called with what has changed, if anything has.
 * @returns The response.
 * @throws {RefusedRequestError} If the change cannot be read, or is invalid (422).
 */
export async function changeConfig(
  router: ConfiguredRouter,
  request: HonoRequest,
  signal: CancelSignal,
  audit: (record: AuditRecord) => void,
): Promise<Response> {
  const change = toChange(await readChange(request, signal));
  const before = router.config();
  const after = configure(router, change);
  const record = toConfigAudit(before, after);
  if (record !== undefined) audit(record);
  return answerJson(200, toConfigBody(after));
}

/**
 * Checks the form and the limits of a change; the policy checks its own settings.
 *
 * @throws {RefusedRequestError} If it is invalid (422).
 */
function toChange(body: unknown): Partial<RouterConfig> {
  // zod reads inherited properties, too.
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  const result = configChange.safeParse(isObject ? Object.assign(Object.create(null), body) : body);
  if (result.success) return result.data;
  const issues = result.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({ path: [...issue.path, key], message: issue.message }))
      : [issue]
  );
  throw invalidConfig(issues.map(toIssue));
}

function configure(router: ConfiguredRouter, change: Partial<RouterConfig>): RouterConfig {
  try {
    return router.configure(change);
  } catch (error) {
    if (!(error instanceof InvalidOptionError)) throw error;
    const { option, wanted } = error;
    const path = option.startsWith("policy.") ? ["policy", option.slice(7)] : [option];
    throw invalidConfig([{ path, message: `Must be ${wanted}` }]);
  }
}

function invalidConfig(issues: readonly HttpIssue[]): RefusedRequestError {
  const [{ path, message: wanted }] = issues;
  const what = path.length === 0 ? "the change" : `"${path.join(".")}"`;
  const message = `Cannot configure router as ${what} ${wanted.replace("Must", "must")}`;
  return new RefusedRequestError(422, "invalid_config", message, { issues });
}

/** JSON has no infinity: `null` stands for it, in both directions. */
function toConfigBody(config: RouterConfig): ConfigBody {
  const writable = (Object.keys(config) as (keyof RouterConfig)[])
    .filter((name) => config[name] !== undefined);
  const abortGraceMs = config.abortGraceMs === Infinity ? null : config.abortGraceMs;
  return { config: { ...config, abortGraceMs }, writable };
}
