import { Job } from "../../src/job/job.ts";
import { KindInfo } from "../../src/submit/kind.ts";
import { Ticket } from "../../src/job/ticket.ts";
import type { Router } from "../../src/router.ts";

const kind = new KindInfo("k", 0, { run: () => null }, undefined, true);
/** Queues do not look at whose job it is. */
const nobody = undefined as unknown as Router;

/** A job for a queue, number `id`. */
export function jobOf(id: number, priority: number): Job {
  const job = new Job(id, kind, nobody, null, { priority });
  job.ticket = new Ticket();
  return job;
}
