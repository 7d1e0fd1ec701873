import type { Clock } from "../clock.ts";
import { JobTimeoutError } from "../errors.ts";
import type { Job } from "./job.ts";

/** A worker that ignores a run timeout for this long, in ms, is terminated. */
export const TIMEOUT_GRACE_MS = 50;

/** Ends jobs whose run takes longer than it may. */
export class RunTimeouts {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A job whose run is limited starts to run. */
  start(job: Job): void {
    if (job.isOver) return;
    job.runTimer = this.#clock.setTimer(job.runLimitMs, this.#lookOnceMore, job);
  }

  /** Timers fire before messages: if this thread was blocked, the result may have arrived unread. */
  readonly #lookOnceMore = (job: Job): void => {
    job.lane!.poll(job);
    if (job.isOver) return;
    const timer = job.runTimer;
    // It may have ended by then, or wait again and even run again, with another timer.
    this.#clock.post((late) => late.runTimer === timer && this.#end(late), job);
  };

  readonly #end = (job: Job): void => {
    job.lane!.poll(job);
    if (job.isOver) return;
    const { runLimitMs } = job;
    const error = new JobTimeoutError(job.kind.name, runLimitMs);
    // Only a run timeout ends a worker, and it counts from the start of the run.
    const leftMs = job.facts.runTimeoutMs - runLimitMs;
    job.withdraw("timedOut", error, leftMs + TIMEOUT_GRACE_MS, this.#clock.now());
  };
}
