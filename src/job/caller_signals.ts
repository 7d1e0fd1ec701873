import type { CancelSignal } from "../cancel_signal.ts";
import type { Clock } from "../clock.ts";
import type { Job } from "./job.ts";

/**
 * Listens to the callers' signals: one listener per signal, however many jobs share it (Node warns
 * from the eleventh listener on).
 */
export class CallerSignals {
  readonly #watches = new Map<CancelSignal, Watch>();
  readonly clock: Clock;
  /** Time a running job has to stop before its worker is terminated, in ms. */
  graceMs: number;

  constructor(clock: Clock, graceMs: number) {
    this.clock = clock;
    this.graceMs = graceMs;
  }

  /** Cancels the job when its caller's signal aborts. */
  watch(job: Job, signal: CancelSignal): void {
    let watch = this.#watches.get(signal);
    if (watch === undefined) {
      watch = new Watch(signal, this);
      signal.addEventListener("abort", watch);
      this.#watches.set(signal, watch);
    }
    watch.jobs.add(job);
  }

  /** Stops watching a job that is over. */
  unwatch(job: Job, signal: CancelSignal): void {
    const watch = this.#watches.get(signal);
    if (watch === undefined || !watch.jobs.delete(job) || watch.jobs.size > 0) return;
    this.#watches.delete(signal);
    signal.removeEventListener("abort", watch);
  }
}

class Watch {
  readonly jobs = new Set<Job>();
  readonly #signal: CancelSignal;
  readonly #signals: CallerSignals;

  constructor(signal: CancelSignal, signals: CallerSignals) {
    this.#signal = signal;
    this.#signals = signals;
  }

  handleEvent(): void {
    const { reason } = this.#signal;
    const { clock, graceMs } = this.#signals;
    for (const job of [...this.jobs]) job.withdraw("cancelled", reason, graceMs, clock.now());
  }
}
