import type { Job } from "../job.ts";

const RUNS = 256;

// What is kept of a run.
const SERIES = 0;
const RUN_MS = 1;
const TOTAL_MS = 2;
const ERROR_MS = 3;
const FIGURES = 4;

/**
 * The latest runs as they came, to be put into histograms many at a time: that costs less than half
 * of one by one, and hardly anything on the way of a job.
 */
export class RunLog {
  readonly #figures = new Float64Array(RUNS * FIGURES);
  #end = 0;

  /** Whether `take()` is due. */
  get isFull(): boolean {
    return this.#end === RUNS * FIGURES;
  }

  /** Adds the run of a job of a series; it is not full. */
  add(series: number, job: Job): void {
    const figures = this.#figures;
    const at = this.#end;
    figures[at + SERIES] = series;
    figures[at + RUN_MS] = job.runMs;
    figures[at + TOTAL_MS] = job.totalMs;
    figures[at + ERROR_MS] = NaN;
    this.#end = at + FIGURES;
  }

  /** The latest run has taken so much longer or shorter than was expected; `NaN` if nothing was. */
  missed(errorMs: number): void {
    this.#figures[this.#end - FIGURES + ERROR_MS] = errorMs;
  }

  /** Gives the runs, and forgets them. */
  take(record: (series: number, runMs: number, totalMs: number, errorMs: number) => void): void {
    const figures = this.#figures;
    for (let at = 0; at < this.#end; at += FIGURES) {
      const runMs = figures[at + RUN_MS];
      record(figures[at + SERIES], runMs, figures[at + TOTAL_MS], figures[at + ERROR_MS]);
    }
    this.#end = 0;
  }
}
