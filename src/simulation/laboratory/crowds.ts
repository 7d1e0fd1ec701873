import type { LabJob } from "../workload/lab_job.ts";

/** How many jobs of each kind wait at a time, which may make their waits longer. */
export class Crowds {
  readonly #crowdMs: readonly number[];
  readonly #waiting: number[];

  /** `crowdMs` by kind: by how much a wait is longer for each pair of jobs that wait. */
  constructor(crowdMs: readonly number[]) {
    this.#crowdMs = crowdMs;
    this.#waiting = crowdMs.map(() => 0);
  }

  /** A job begins to wait; returns how long, in ms. */
  enter({ kind, waitMs }: LabJob): number {
    const count = ++this.#waiting[kind];
    return waitMs + this.#crowdMs[kind] * count * count;
  }

  /** Its wait is over. */
  leave({ kind }: LabJob): void {
    this.#waiting[kind]--;
  }
}
