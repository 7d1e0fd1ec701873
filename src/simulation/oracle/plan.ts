import type { Shares } from "./shares.ts";

/** A job that waits for a worker. */
export interface Waiting {
  readonly deadlineMs: number;
  /** How long it is expected to keep its worker, in ms. */
  readonly keepsMs: number;
  /** How long it may keep it for all that is known, in ms. */
  readonly needsMs: number;
  /** Variance of the former, in ms². */
  readonly variance: number;
  /** Index of its class in the shares. */
  readonly shareClass: number;
}

/** What is ahead of the jobs that wait. */
export interface Ahead {
  /** When each worker is expected to be free, in ms. */
  readonly freeAtMs: readonly number[];
  /** The sum of the variances of what runs, in ms². */
  readonly variance: number;
  /** By what factor runs take longer than they need a core, as they share it. */
  readonly slowdown: number;
}

/** How many standard deviations of the calls before a job its plan leaves free. */
const DOUBT = 1.5;

/**
 * The jobs that wait for workers, the earliest deadline first, of which each is expected to be in time.
 * When one is not, a job before it gives way: the largest one (Moore and Hodgson's rule, which leaves the
 * fewest jobs late on one machine), of the class that has had most if classes are to have equal shares.
 */
export class Plan<J extends Waiting> {
  readonly jobs: J[] = [];
  readonly #shares: Shares | null;
  readonly #free: number[] = [];

  /** @param shares Who has had how much; `null` if only the number of jobs counts. */
  constructor(shares: Shares | null) {
    this.#shares = shares;
  }

  /** Adds a job; returns those that give way, perhaps itself. */
  add(job: J, nowMs: number, ahead: Ahead): J[] {
    const { jobs } = this;
    let low = 0;
    let high = jobs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (jobs[middle].deadlineMs <= job.deadlineMs) low = middle + 1;
      else high = middle;
    }
    jobs.splice(low, 0, job);
    return this.check(nowMs, ahead);
  }

  /** Has jobs give way until all others are expected to be in time; returns them. */
  check(nowMs: number, { freeAtMs, variance, slowdown }: Ahead): J[] {
    const out: J[] = [];
    for (;;) {
      const late = this.#firstLate(nowMs, freeAtMs, variance, slowdown);
      if (late < 0) return out;
      const place = this.#victim(late);
      out.push(this.jobs[place]);
      this.jobs.splice(place, 1);
    }
  }

  /** Removes the first job. */
  shift(): J | undefined {
    return this.jobs.shift();
  }

  /** Index of the first job that would be late; -1 if none would. */
  #firstLate(
    nowMs: number,
    freeAtMs: readonly number[],
    variance: number,
    slowdown: number,
  ): number {
    let sum = variance;
    const free = this.#free;
    free.length = 0;
    for (const atMs of freeAtMs) free.push(Math.max(atMs, nowMs));
    for (let i = 0; i < this.jobs.length; i++) {
      const { deadlineMs, keepsMs, needsMs, variance } = this.jobs[i];
      let worker = 0;
      for (let w = 1; w < free.length; w++) if (free[w] < free[worker]) worker = w;
      // How far the calls before it may take longer than expected, shared by the workers.
      const doubtMs = DOUBT * Math.sqrt(sum) / free.length;
      if (free[worker] + slowdown * needsMs + doubtMs > deadlineMs) return i;
      free[worker] += slowdown * keepsMs;
      sum += variance;
    }
    return -1;
  }

  /** The job, up to the one that would be late, that gives way. */
  #victim(late: number): number {
    let victim = late;
    for (let i = 0; i < late; i++) if (this.#givesWay(this.jobs[i], this.jobs[victim])) victim = i;
    return victim;
  }

  #givesWay(one: J, other: J): boolean {
    if (this.#shares !== null && one.shareClass !== other.shareClass) {
      const difference = this.#shares.of(one.shareClass) - this.#shares.of(other.shareClass);
      if (difference !== 0) return difference > 0;
    }
    return one.keepsMs > other.keepsMs;
  }
}
