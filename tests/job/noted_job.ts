import { Job } from "../../src/job/job.ts";
import type { JobOwner, JobReport } from "../../src/job/job_owner.ts";
import { costOf, Facts } from "../../src/submit/facts.ts";
import { givenIn } from "../../src/submit/given.ts";
import type { SubmitOptions } from "../../src/submit/hints.ts";
import { KindInfo } from "../../src/submit/kind.ts";

const nothing = new KindInfo("k", 0, { run: () => null }, undefined, true);

/** An owner of jobs that notes what it is told. */
class NotingOwner implements JobOwner {
  readonly isObserved = true;
  readonly isHeard = false;
  readonly told: string[] = [];

  waits(): void {
    this.told.push("waits");
  }

  starts(): void {
    this.told.push("starts");
  }

  settled(): void {
    this.told.push("settled");
  }

  report({ type }: JobReport): void {
    this.told.push(type);
  }
}

/** A job of no router, and what its owner is told. */
export function createJob(
  options: SubmitOptions = {},
  kind: KindInfo = nothing,
  input: unknown = null,
): { job: Job; told: readonly string[] } {
  const owner = new NotingOwner();
  const given = givenIn(kind.name, options, {
    clock: { now: () => 0 },
    keepContext: () => undefined,
  });
  const job = new Job(new Facts(1, kind, costOf(kind, input, given), given), owner, input, given);
  job.facts.submittedAtMs = job.facts.arrivedAtMs = 0;
  return { job, told: owner.told };
}
