import type { Timer } from "../clock.ts";
import { JobTimeoutError } from "../errors.ts";
import type { Job } from "./job.ts";

/** A worker that ignores a run timeout for this long is terminated. */
export const TIMEOUT_GRACE_MS = 50;

/** Ends a job whose run has just begun, if it is not over by its run timeout. */
export function startRunTimeout(job: Job): Timer {
  return job.owner.clock.setTimer(job.runTimeoutMs, end, job);
}

function end(job: Job): void {
  job.call.ticket.slot?.hear(); // its result may be there: timers come before messages
  if (job.isOver) return;
  const error = new JobTimeoutError(job.kind.name, job.runTimeoutMs);
  job.withdraw("timedOut", error, TIMEOUT_GRACE_MS);
}
