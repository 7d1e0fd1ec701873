/** Jobs, at the least, after which a number in flight is judged. */
const MIN_JOBS = 32;
/** Factor by which twice as many in flight must get more done. */
const PAYS = 1.05;
/** Judgements that are left out once more in flight have not paid. */
const REST = 32;
const MOST = 1_024;

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
  #jobs = 0;
  #runMs = 0;
  #sinceMs = 0;
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

  /** A job has ended; `wasFull`: there were as many in flight as may be, so that it shows what these do. */
  ended(runMs: number, nowMs: number, wasFull: boolean): void {
    if (!this.isLearned) return;
    if (!wasFull) return this.#begin(nowMs);
    this.#runMs += runMs;
    if (++this.#jobs < Math.max(MIN_JOBS, this.limit)) return;
    const done = this.#runMs / (nowMs - this.#sinceMs);
    this.#begin(nowMs);
    if (this.#rest > 0) {
      if (--this.#rest > 0) return;
      this.#best = 0;
      this.limit = Math.max(this.#least, Math.floor(this.limit / 2));
    } else if (done > this.#best * PAYS) {
      this.#best = done;
      this.#paying = this.limit;
      this.limit = Math.min(this.limit * 2, MOST);
    } else {
      this.limit = this.#paying;
      this.#rest = REST;
    }
  }

  #begin(nowMs: number): void {
    this.#jobs = 0;
    this.#runMs = 0;
    this.#sinceMs = nowMs;
  }
}
