import type { SettledJob } from "./sink.ts";
import type { Histogram } from "./histogram.ts";
import type { Timings } from "./timings.ts";

const RUNS = 256;

// Fields of a run, in the order in which they are added.
const SERIES = 0;
const RUN_MS = 1;
const TOTAL_MS = 2;
const ERROR_MS = 3;
const FIGURES = 4;

/**
 * A buffer of the latest runs, recorded into histograms many at a time: that costs less than half
 * as much as one by one, and hardly anything on the hot path.
 */
export class RunLog {
  readonly #figures = new Float64Array(RUNS * FIGURES);
  #end = 0;

  /**
   * Adds the run of a job of a series; `errorMs` is `NaN` if nothing was predicted. Returns whether
   * the buffer is full: then `record()` is due.
   */
  add(series: number, job: SettledJob, errorMs: number): boolean {
    const figures = this.#figures;
    let at = this.#end;
    figures[at++] = series;
    figures[at++] = job.runMs;
    figures[at++] = job.totalMs;
    figures[at++] = errorMs;
    this.#end = at;
    return at === figures.length;
  }

  /** Records the runs into the histograms of their series and of the errors; clears the buffer. */
  record(all: readonly ({ readonly timings: Timings } | undefined)[], errors: Histogram): void {
    // One loop without callbacks: engines box numbers that are passed through one.
    const figures = this.#figures;
    for (let at = 0; at < this.#end; at += FIGURES) {
      all[figures[at + SERIES]]!.timings.record(figures[at + RUN_MS], figures[at + TOTAL_MS]);
      const errorMs = figures[at + ERROR_MS];
      if (errorMs === errorMs) errors.record(Math.abs(errorMs));
    }
    this.#end = 0;
  }
}
