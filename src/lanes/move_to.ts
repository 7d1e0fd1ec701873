import type { Admission } from "../job/admission.ts";
import type { Job } from "../job/job.ts";
import type { Lane } from "../job/lane.ts";

/**
 * Moves a job that has left its queue to another lane, unless it must not start; returns whether it waits
 * there now, and is to be taken by that lane.
 */
export function moveTo(
  strategy: "inline" | "cpu_pool",
  lane: Lane,
  job: Job,
  admission: Admission,
): boolean {
  if (!job.ready(admission)) return false;
  job.moveTo(strategy, lane);
  return !job.isOver;
}
