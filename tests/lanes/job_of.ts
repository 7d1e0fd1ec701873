import { Job } from "../../src/job/job.ts";
import type { JobOwner } from "../../src/job/job_owner.ts";
import { Ticket } from "../../src/job/ticket.ts";
import { givenIn, NOTHING_GIVEN } from "../../src/submit/given.ts";
import { Facts } from "../../src/submit/facts.ts";
import { KindInfo } from "../../src/submit/kind.ts";

const kind = new KindInfo("k", 0, { run: () => null }, undefined, true);
/** Queues do not look at whose job it is. */
const nobody = undefined as unknown as JobOwner;

/** A job for a queue, number `id`. */
export function jobOf(id: number, priority: number): Job {
  const job = new Job(
    new Facts(
      id,
      kind,
      NaN,
      givenIn("k", { priority }, { clock: { now: () => 0 }, keepContext: () => undefined }),
    ),
    nobody,
    null,
    NOTHING_GIVEN,
  );
  job.ticket = new Ticket();
  return job;
}
