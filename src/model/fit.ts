import { isWithin, rangeOf } from "../check.ts";

/** Samples from which a line is believed. */
export const FEW = 4;
/** Older samples fade: one in e is left after 256 more. */
const FADING = 1 - 1 / 256;
/** Weight of the newest deviation in the usual one. */
const SMOOTHING = 1 / 16;
/** Deviations, in usual ones, beyond which a sample counts for no more than one at that distance. */
const UNUSUAL = 3;
/** So many unusual samples in a row, all on one side, are a change; so many still count after it. */
const RUN_OF_NEWS = 8;
/** What a place where the line is known otherwise weighs, in samples. */
const ANCHOR = 1 / 8;
/** The deviation that is expected at first, and the least. */
const FIRST_ERROR = 0.25;
const LEAST_ERROR = 0.01;
/** The shortest time that is told apart from none, in ms. */
const LEAST_MS = 1e-6;

/** What is saved of a {@linkcode Fit}. */
export type SavedFit = readonly number[];

/**
 * A line through times, `fixed + each * x`, neither below 0: weighted least squares in which older samples fade.
 * Each weighs by the square of the time that was expected, as times vary in proportion, and one far off no
 * more than a usual one (Huber, "Robust Estimation of a Location Parameter", 1964). Eight such in a row on
 * one side are a change: all times are taken to have changed by their median.
 */
export class Fit {
  /** Samples so far, since the last change. */
  count = 0;
  fixed: number = NaN;
  each: number = NaN;
  /** By what share samples are longer than expected, or shorter, smoothed. */
  error: number = FIRST_ERROR;
  /** The sum of the weights, the means, and the sums of squares around these. */
  #n = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #xy = 0;
  readonly #news: number[] = [];

  at(x: number): number {
    return this.fixed + this.each * x;
  }

  /**
   * Learns a sample.
   *
   * @param anchorX Where the line is known otherwise, and how high: that counts a little,
   * so that a line whose samples are all at one place has a slope. `NaN` if nowhere.
   */
  learn(x: number, ms: number, anchorX: number, anchorMs: number): void {
    const y = Math.max(ms, LEAST_MS);
    const expected = this.count < FEW ? y : Math.max(this.at(x), LEAST_MS);
    const ratio = y / expected;
    let weight = 1;
    if (this.count >= FEW) {
      const usual = UNUSUAL * Math.max(this.error, LEAST_ERROR);
      const apart = Math.max(ratio, 1 / ratio) - 1;
      if (apart > usual) weight = usual / apart;
      this.error += (Math.min(apart, usual) - this.error) * SMOOTHING;
      this.#watch(apart > usual ? ratio : 1);
    }
    this.#add(x, y, weight / (expected * expected));
    this.count++;
    this.#solve(anchorX, Math.max(anchorMs, LEAST_MS));
  }

  #add(x: number, y: number, weight: number): void {
    this.#n = this.#n * FADING + weight;
    const dx = x - this.#x;
    this.#x += dx * weight / this.#n;
    this.#y += (y - this.#y) * weight / this.#n;
    this.#xx = this.#xx * FADING + weight * dx * (x - this.#x);
    this.#xy = this.#xy * FADING + weight * dx * (y - this.#y);
  }

  #solve(anchorX: number, anchorMs: number): void {
    let [x, y, xx, xy] = [this.#x, this.#y, this.#xx, this.#xy];
    if (anchorX > 0 && anchorMs > 0) {
      const weight = ANCHOR / (anchorMs * anchorMs);
      const share = weight / (this.#n + weight);
      const [dx, dy] = [anchorX - x, anchorMs - y];
      x += dx * share;
      y += dy * share;
      xx += weight * dx * (anchorX - x);
      xy += weight * dx * (anchorMs - y);
    }
    // With all samples at one place there is no fixed part to be seen.
    const each = xx > 1e-9 * this.#n * x * x ? Math.max(0, xy / xx) : y / x;
    this.fixed = Math.max(0, y - each * x);
    this.each = this.fixed > 0 ? each : y / x;
  }

  /** Notices that times have changed by a factor. `ratio` is 1 if nothing is unusual. */
  #watch(ratio: number): void {
    const news = this.#news;
    if (ratio === 1 || (news.length > 0 && (news[0] > 1) !== (ratio > 1))) news.length = 0;
    if (ratio !== 1) news.push(ratio);
    if (news.length < RUN_OF_NEWS) return;
    this.#scale(news.sort((a, b) => a - b)[RUN_OF_NEWS >> 1], RUN_OF_NEWS);
  }

  /** Learns that a sample is as long as this now, whatever was seen before. */
  jump(x: number, ms: number): void {
    if (this.count > 0) this.#scale(Math.max(ms, LEAST_MS) / Math.max(this.at(x), LEAST_MS), FEW);
  }

  /** All times are longer by a factor; only `samples` of those seen still count. */
  #scale(factor: number, samples: number): void {
    const kept = Math.min(1, samples / this.count) / (factor * factor);
    this.#n *= kept;
    this.#y *= factor;
    this.#xx *= kept;
    this.#xy *= kept * factor;
    this.fixed *= factor;
    this.each *= factor;
    this.error = FIRST_ERROR;
    this.count = Math.min(this.count, samples);
    this.#news.length = 0;
  }

  save(): SavedFit {
    const { count, fixed, each, error } = this;
    return [count, fixed, each, error, this.#n, this.#x, this.#y, this.#xx, this.#xy];
  }

  /** The line that was saved; `null` if it is damaged. */
  static load(saved: unknown): Fit | null {
    if (!Array.isArray(saved) || saved.length !== 9) return null;
    const numbers = saved.map((value) => value ?? NaN);
    const [count, fixed, each, error, n, x, y, xx, xy] = numbers;
    if (![count, error, n, x, y, xx].every((value) => isWithin(value, SANE))) return null;
    if (!isWithin(xy, SANE_PRODUCT)) return null;
    if (count > 0 && !(isWithin(fixed, SANE) && isWithin(each, SANE) && x > 0)) return null;
    const fit = new Fit();
    [fit.count, fit.fixed, fit.each, fit.error] = numbers;
    [fit.#n, fit.#x, fit.#y, fit.#xx, fit.#xy] = [n, x, y, xx, xy];
    return fit;
  }
}

const SANE = rangeOf(0, 1e30);
const SANE_PRODUCT = rangeOf(-1e30, 1e30);
