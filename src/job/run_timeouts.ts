import type { Clock } from "../clock.ts";
import { JobTimeoutError } from "../errors.ts";
import type { Job } from "./job.ts";

/** A worker that ignores a run timeout for this long, in ms, is terminated. */
export const TIMEOUT_GRACE_MS = 50;

/** Ends jobs whose run takes longer than their run timeout. */
export class RunTimeouts {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A job that has a run timeout starts to run. */
  start(job: Job): void {
    if (job.isOver) return;
    job.runTimer = this.#clock.setTimer(job.facts.runTimeoutMs, this.#end, job);
  }

  readonly #end = (job: Job): void => {
    job.lane!.poll(job); // timers fire before messages: its result may have arrived
    if (job.isOver) return;
    const { kind, runTimeoutMs } = job.facts;
    const error = new JobTimeoutError(kind.name, runTimeoutMs);
    job.withdraw("timedOut", error, TIMEOUT_GRACE_MS, this.#clock.now());
  };
}
