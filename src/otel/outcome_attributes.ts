import type { SettledJob } from "../../mod.ts";

/** How a job ended: the value of `helix.status`. */
export function statusOf({ status }: SettledJob): string {
  return status === "timedOut" ? "timed_out" : status;
}

/** Why a job was dropped; `undefined` if it was not. */
export function dropReasonOf({ status, value }: SettledJob): string | undefined {
  return status === "dropped" ? String(value) : undefined;
}
