/** Jobs, at the least, after which a number in flight is judged. */
const MIN_JOBS = 32;
/** Factor by which twice as many in flight must get more done. */
const PAYS = 1.05;
/** Judgements that are left out once more in flight have not paid. */
const REST = 32;
const MOST = 1_024;
/** What a job takes besides its run, in ms: of tiny ones it counts how many there were. */
const OVERHEAD_MS = 0.02;

/**
 * Learns how many jobs in flight pay. Twice as many are tried as long as they get more done: run time of
 * the jobs per time that passes, which jobs of different sizes do not confuse. Now and then it begins again
 * with half of that.
 */
export class Pace {
  /** Jobs that may be in flight. */
  limit: number;
  /** Whether the number is learned. */
  readonly isLearned: boolean;
  readonly #least: number;
  /** Whether there would have been more in flight since the last judgement. */
  #isHeld = false;
  #jobs = 0;
  #runMs = 0;
  #sinceMs = NaN;
  /** What was done per time with the number that is known to pay. */
  #best = 0;
  #paying: number;
  #rest = 0;

  /** Keeps to `concurrency`, or learns from two for each of `parallelism` calls on. */
  constructor(concurrency: number | undefined, parallelism: number) {
    this.isLearned = concurrency === undefined;
    this.limit = concurrency ?? Math.max(2, 2 * parallelism);
    this.#least = this.#paying = this.limit;
  }

  /** Whether one more job may be in flight. */
  allows(inFlight: number): boolean {
    if (inFlight < this.limit) return true;
    this.#isHeld = true;
    return false;
  }

  /** A job has ended. */
  ended(runMs: number, nowMs: number): void {
    this.#runMs += runMs + OVERHEAD_MS;
    if (++this.#jobs < Math.max(MIN_JOBS, this.limit)) return;
    const done = this.#runMs / (nowMs - this.#sinceMs); // NaN at first
    // What was held up by its source or its consumer tells nothing.
    if (this.isLearned && this.#isHeld && done < Infinity) this.#judge(done, this.limit);
    this.#isHeld = false;
    this.#jobs = 0;
    this.#runMs = 0;
    this.#sinceMs = nowMs;
  }

  #judge(done: number, limit: number): void {
    if (this.#rest > 0) {
      if (--this.#rest > 0) return;
      this.#best = 0;
      this.limit = Math.max(this.#least, Math.floor(limit / 2));
    } else if (done <= this.#best * PAYS) {
      this.limit = this.#paying;
      this.#rest = REST;
    } else {
      this.#best = done;
      this.#paying = limit;
      this.limit = Math.min(limit * 2, MOST);
    }
  }
}
