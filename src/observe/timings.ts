import { Histogram } from "./histogram.ts";

/** How long jobs waited, ran, and took in total. */
export class Timings {
  /** Of jobs that ran at once: they did not wait, so run time and total are equal. */
  readonly #atOnceMs = new Histogram();
  readonly #waitMs = new Histogram();
  readonly #runMs = new Histogram();
  readonly #latencyMs = new Histogram();

  /** Records a job that ran for `runMs` of `totalMs`. */
  record(runMs: number, totalMs: number): void {
    if (runMs === totalMs) return this.recordAtOnce(runMs);
    this.#waitMs.record(totalMs - runMs);
    this.#runMs.record(runMs);
    this.#latencyMs.record(totalMs);
  }

  /** Records a job that ran for `runMs`, and did not wait. */
  recordAtOnce(runMs: number): void {
    this.#atOnceMs.record(runMs);
  }

  /** Time not spent running. */
  waitMs(): Histogram {
    const all = new Histogram();
    all.merge(this.#waitMs);
    all.recordZeros(this.#atOnceMs.count);
    return all;
  }

  /** Run time. */
  runMs(): Histogram {
    return this.#withAtOnce(this.#runMs);
  }

  /** Time from submit to outcome. */
  latencyMs(): Histogram {
    return this.#withAtOnce(this.#latencyMs);
  }

  #withAtOnce(histogram: Histogram): Histogram {
    const all = new Histogram();
    all.merge(histogram);
    all.merge(this.#atOnceMs);
    return all;
  }
}
