import type { Job } from "./job.ts";

/** The jobs in flight, as a list whose links live in the jobs: joining and leaving are O(1). */
export class InFlight {
  #newest: Job | null = null;

  add(job: Job): void {
    job.isListed = true;
    job.olderInFlight = this.#newest;
    if (this.#newest !== null) this.#newest.newerInFlight = job;
    this.#newest = job;
  }

  remove(job: Job): void {
    if (!job.isListed) return;
    job.isListed = false;
    if (job.newerInFlight === null) this.#newest = job.olderInFlight;
    else job.newerInFlight.olderInFlight = job.olderInFlight;
    if (job.olderInFlight !== null) job.olderInFlight.newerInFlight = job.newerInFlight;
    job.olderInFlight = null;
    job.newerInFlight = null;
  }

  /** The jobs, copied: visiting one may end others. */
  all(): Job[] {
    const jobs: Job[] = [];
    for (let job = this.#newest; job !== null; job = job.olderInFlight) jobs.push(job);
    return jobs.reverse();
  }
}
