import { deadlineOf } from "../../policy/deadline.ts";
import type { LoadGauges, Outlook, QueueLane } from "../../policy/load.ts";
import type { JobFacts } from "../../policy/policy.ts";
import { startInMs } from "./plan.ts";

/** How a job would fare behind so much work, in ms, that the workers share. */
export function outlookOf(
  load: LoadGauges,
  lane: QueueLane,
  job: JobFacts,
  aheadMs: number,
): Outlook {
  const { kind, computeCost } = job;
  const waitMs = startInMs(aheadMs, load.freeInMs(lane));
  const leftMs = deadlineOf(job) - load.nowMs;
  const isLate = waitMs + load.model.needsMs(kind, computeCost, leftMs) > leftMs;
  return { waitMs, place: isLate ? "late" : "in_time" };
}
