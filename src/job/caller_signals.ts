import type { CancelSignal } from "../cancel_signal.ts";
import type { Clock } from "../clock.ts";
import type { Job } from "./job.ts";

/**
 * Listens to the callers' signals: one listener per signal, however many jobs share it (Node warns
 * from the eleventh listener on).
 */
export class CallerSignals {
  readonly #watches = new Map<CancelSignal, Watch>();
  readonly #failed: (error: unknown) => void;
  readonly clock: Clock;
  /** Time a running job has to stop before its worker is terminated, in ms. */
  graceMs: number;

  /** `failed` is called when a signal throws as it is no longer needed. */
  constructor(clock: Clock, graceMs: number, failed: (error: unknown) => void) {
    this.clock = clock;
    this.graceMs = graceMs;
    this.#failed = failed;
  }

  /**
   * Watches the signal of a job. It fails if that throws, as it is the caller's own.
   *
   * @returns Whether the job goes on.
   */
  heed(job: Job, nowMs: number): boolean {
    const signal = job.given.signal!;
    try {
      this.watch(job, signal);
      // Since it was checked, the kind's cost function or the policy may have aborted it.
      if (signal.aborted) job.withdraw("cancelled", signal.reason, 0, nowMs);
    } catch (error) {
      job.fail(error, nowMs);
    }
    return !job.isOver;
  }

  /** No longer watches the signal of a job that is over. */
  unheed(job: Job): void {
    try {
      this.unwatch(job, job.given.signal!);
    } catch (error) {
      this.#failed(error);
    }
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
