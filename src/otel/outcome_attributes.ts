import type { SettledJob } from "../../mod.ts";

/** How a job ended, as attributes have it. */
export function statusOf({ status }: SettledJob): string {
  return status === "timedOut" ? "timed_out" : status;
}

/** Why a job was dropped; `undefined` when it was not. */
export function dropReasonOf({ status, value }: SettledJob): string | undefined {
  return status === "dropped" ? String(value) : undefined;
}
