import type { JobOwner, JobReport } from "../../src/job/job_owner.ts";

/** An owner of jobs that notes what it is told. */
export class NotingOwner implements JobOwner {
  readonly hearsOfWaits = true;
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
