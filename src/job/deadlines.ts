import type { Clock, Timer } from "../clock.ts";
import { IndexedHeap } from "../indexed_heap.ts";
import type { Job } from "./job.ts";

/** Drops waiting jobs the moment their latency budget runs out, with one timer for all. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #jobs = new IndexedHeap<Job>(
    (a, b) => a.deadlineMs < b.deadlineMs,
    (job, index) => job.deadlineIndex = index,
  );
  #timer: Timer | null = null;
  #dueMs = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Watches a waiting job that has a budget. */
  add(job: Job): void {
    if (job.deadlineIndex >= 0) return;
    this.#jobs.push(job);
    if (job.deadlineMs < this.#dueMs) this.#arm(job.deadlineMs);
  }

  /** Stops watching a job. The timer is left as it is: resetting it each time would cost more. */
  remove(job: Job): void {
    if (job.deadlineIndex >= 0) this.#jobs.removeAt(job.deadlineIndex);
  }

  /** Stops the timer. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#dueMs = Infinity;
  }

  #arm(dueMs: number): void {
    this.#timer?.cancel();
    this.#dueMs = dueMs;
    const delayMs = Math.max(0, dueMs - this.#clock.now());
    this.#timer = this.#clock.setTimer(delayMs, (deadlines) => deadlines.expire(), this);
    this.#timer.unref?.();
  }

  /** Drops all jobs that are due, and sets the timer for the next one. */
  expire(): void {
    this.#timer = null;
    this.#dueMs = Infinity;
    const nowMs = this.#clock.now();
    for (let job = this.#jobs.first; job !== undefined; job = this.#jobs.first) {
      if (job.deadlineMs > nowMs) {
        this.#arm(job.deadlineMs);
        return;
      }
      this.remove(job);
      job.expire(nowMs);
    }
  }
}
