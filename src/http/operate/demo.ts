import type { CancelSignal } from "../../../mod.ts";
import type { HonoRequest } from "hono";
import * as z from "zod";
import { answerJson } from "../answers/answer.ts";
import { toIssue } from "../answers/issue.ts";
import { RefusedRequestError } from "../answers/refusal.ts";
import type { AuditRecord } from "./audit.ts";
import { readChange } from "./read_change.ts";

/** A load that shows the router at work, started by the buttons of the dashboard. */
export interface DemoLoad {
  /** What runs now. */
  readonly running: "simulation" | "overload" | null;
  /** Starts a load, and stops the one that runs. */
  start(run: "simulation" | "overload"): void;
  /** Stops the load that runs, if any. */
  stop(): void;
}

/** What `POST /api/demo` can request. */
export type DemoRun = "simulation" | "overload" | "stop";

const demoBody = z.strictObject({
  run: z.enum(["simulation", "overload", "stop"], {
    error: 'Must be "simulation", "overload" or "stop"',
  }),
});

/**
 * Answers `GET /api/demo`.
 *
 * @param demo The load, if there is one.
 * @returns The response.
 * @throws {RefusedRequestError} If there is none (404).
 */
export function answerDemo(demo: DemoLoad | undefined): Response {
  if (demo === undefined) throw noDemo();
  return answerJson(200, { running: demo.running });
}

/**
 * Answers `POST /api/demo`.
 *
 * @param demo The load, if there is one.
 * @param request The request, already authorized.
 * @param signal Aborts when it has taken too long.
 * @param audit Called with what was requested.
 * @returns The response.
 * @throws {RefusedRequestError} If there is none (404), or the body cannot be read or is invalid
 * (422).
 */
export async function changeDemo(
  demo: DemoLoad | undefined,
  request: HonoRequest,
  signal: CancelSignal,
  audit: (record: AuditRecord) => void,
): Promise<Response> {
  if (demo === undefined) throw noDemo();
  const result = demoBody.safeParse(await readChange(request, signal));
  if (!result.success) {
    const issues = result.error.issues.map(toIssue);
    const message = `Cannot run demo as its request is invalid: ${issues[0].message}`;
    throw new RefusedRequestError(422, "invalid_body", message, { issues });
  }
  const { run } = result.data;
  if (run === "stop") demo.stop();
  else demo.start(run);
  audit({ action: "demo", run });
  return answerJson(202, { running: demo.running });
}

function noDemo(): RefusedRequestError {
  return new RefusedRequestError(404, "not_found", "There is no demo load here");
}
