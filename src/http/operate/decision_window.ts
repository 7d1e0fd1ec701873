import type { DecisionRecord } from "../../../mod.ts";
import type { DecisionsBody } from "../api/operation.ts";

/**
 * Gathers decisions, as a bounded uniform sample (reservoir sampling, algorithm R), so that a few
 * drops among thousands of jobs are seen about as often as they happen.
 */
export class DecisionWindow {
  readonly #capacity: number;
  readonly #random: () => number;
  #sample: DecisionRecord[] = [];
  #count = 0;

  /**
   * @param capacity Maximum number of decisions kept.
   * @param random Returns numbers from 0 to below 1.
   */
  constructor(capacity: number, random: () => number) {
    this.#capacity = capacity;
    this.#random = random;
  }

  /** Number of decisions since the last `take()`. */
  get count(): number {
    return this.#count;
  }

  /** Adds a decision. */
  add(record: DecisionRecord): void {
    this.#count++;
    if (this.#sample.length < this.#capacity) {
      this.#sample.push(record);
      return;
    }
    const place = Math.floor(this.#random() * this.#count);
    if (place < this.#capacity) this.#sample[place] = record;
  }

  /** Returns what was gathered, and starts over. */
  take(): DecisionsBody {
    const decisions = this.#sample.sort((a, b) => a.jobId - b.jobId);
    const missed = this.#count - decisions.length;
    this.#sample = [];
    this.#count = 0;
    return { decisions, missed };
  }
}
