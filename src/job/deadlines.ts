import type { Clock, Timer } from "../clock.ts";
import { IndexedHeap } from "../indexed_heap.ts";
import type { Job } from "./job.ts";

/** Drops waiting jobs whose latency budget has run out, at that moment: one timer for all. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #jobs = new IndexedHeap<Job>(
    (a, b) => a.deadlineMs < b.deadlineMs,
    (job, place) => job.deadlinePlace = place,
  );
  #timer: Timer | null = null;
  #dueMs = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A job with a budget waits. */
  add(job: Job): void {
    if (job.latencyBudgetMs === Infinity || job.deadlinePlace >= 0) return;
    this.#jobs.push(job);
    if (job.deadlineMs < this.#dueMs) this.#arm(job.deadlineMs);
  }

  /** A job no longer waits. The timer stays as it is: setting it anew each time would cost more. */
  remove(job: Job): void {
    if (job.deadlinePlace >= 0) this.#jobs.removeAt(job.deadlinePlace);
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

  /** Drops all that is due and sets the timer for the next. */
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
      job.expire();
    }
  }
}

/**
 * Whether a job's budget is over, or it has waited so long that its run will hardly end within it. One
 * that has hardly waited runs all the same: else a kind whose runs were slow once would never be run
 * again.
 */
export function isLate(job: Job, nowMs: number): boolean {
  if (nowMs > job.deadlineMs) return true;
  const { expectedMs } = job.ticket;
  return nowMs + job.slowRunMs > job.deadlineMs && nowMs - job.submittedAtMs > expectedMs / 2;
}
