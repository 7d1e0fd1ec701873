import { isWithin, rangeOf } from "../check.ts";
import { log2 } from "../log2.ts";

/** The times that are told apart: from 2^-12 ms, 0.24 µs, to 2^20 ms, 17 min, each 2^(1/4) of the last. */
const LOWEST = -12;
const PER_OCTAVE = 4;
const BINS = 128;
/** Runs that count: an older one weighs less and less, one in e so many runs later. */
const MEMORY = 128;
const FADING = 1 + 1 / MEMORY;
const LARGEST_WEIGHT = 1e12;
/** Weight, in runs, up to which a single time far beyond all others is taken for a pause. */
const SINGLE = 1.5;
/** How far beyond, in bins: a factor of 8. */
const FAR = 3 * PER_OCTAVE;

/** Share of the runs that are quicker than the bound below, and than the one above. */
const LOW = 0.25;
const HIGH = 0.94;
/** Bins that are no further apart are taken for one slope of the distribution. */
const NEAR = 3;
/** Longer times count as this, in ms. */
const LONGEST_MS = 1e12;
/** What is learned is rounded to nine digits. */
const ROUNDING = 1 + 1e-8;
/** Beyond these, a run is unusual. */
const UNUSUAL = 0.1;

/** What is saved of a {@linkcode Spread}: of each bin in use its index, its weight in runs, and its mean in ms. */
export type SavedSpread = readonly (readonly [bin: number, weight: number, ms: number])[];

/**
 * How times are spread: a histogram with bins of equal ratio, in which older times fade, with the mean of each
 * bin. It assumes no form of the distribution. All times in ms.
 */
export class Spread {
  /** Runs so far, since it was last told to forget. */
  count = 0;
  readonly #weights = new Float64Array(BINS);
  /** Sum of the times in each bin, by weight. */
  readonly #sums = new Float64Array(BINS);
  /** Weight of the next run. */
  #unit = 1;
  #total = 0;
  /** The bins in use are from here to there. */
  #first = BINS;
  #last = -1;
  /** Runs that came since the figures were worked out. */
  #news = 0;

  meanMs: number = NaN;
  variance: number = NaN;
  /** A quarter of the runs are quicker. */
  lowMs: number = NaN;
  medianMs: number = NaN;
  /** 94 % of the runs are quicker. */
  highMs: number = NaN;
  /** Of the runs that count, one or two take longer. */
  nearlyLongestMs: number = NaN;
  /** Between these, a run is nothing unusual. */
  usualFromMs: number = NaN;
  usualToMs: number = NaN;

  /** Adds a run. */
  add(ms: number): void {
    this.#put(ms, this.#unit);
    this.#total += this.#unit;
    this.#unit *= FADING;
    this.count++;
    this.#news++;
    if (this.#unit > LARGEST_WEIGHT) this.#weigh(1 / this.#unit);
  }

  /** Runs that count. */
  get samples(): number {
    return this.#total / this.#unit;
  }

  /** Works out the figures, if there was enough news: the work for it goes by the number of runs. */
  refresh(): void {
    if (this.#news === 0 || this.#news * 8 < Math.min(this.count, MEMORY)) return;
    this.#news = 0;
    this.#settle();
    const last = this.#lastUsual();
    let sum = 0;
    let total = 0;
    for (let bin = this.#first; bin <= last; bin++) {
      const weight = this.#weights[bin];
      if (weight === 0) continue;
      total += weight;
      sum += this.#sums[bin];
    }
    this.meanMs = sum / total;
    this.lowMs = this.quantileMs(LOW);
    this.medianMs = this.quantileMs(0.5);
    this.highMs = this.quantileMs(HIGH);
    this.variance = this.#varianceUpTo(this.highMs);
    this.nearlyLongestMs = this.quantileMs(1 - Math.min(0.5, SINGLE / this.samples));
    this.usualFromMs = this.quantileMs(UNUSUAL);
    this.usualToMs = this.quantileMs(1 - UNUSUAL);
  }

  /** The variance, with what is longer taken for as long: a few long runs would make all others doubtful. */
  #varianceUpTo(mostMs: number): number {
    let sum = 0;
    let squares = 0;
    for (let bin = this.#first; bin <= this.#last; bin++) {
      const weight = this.#weights[bin];
      if (weight === 0) continue;
      const ms = Math.min(mostMs, this.#sums[bin] / weight);
      sum += weight * ms;
      squares += weight * ms * ms;
    }
    const meanMs = sum / this.#total;
    return Math.max(0, squares / this.#total - meanMs * meanMs);
  }

  /** The time that a share of the runs need at most: between the means of bins that are close, by weight. */
  quantileMs(share: number): number {
    const wanted = share * this.#total;
    let before = 0;
    let lastBin = -BINS;
    let lastMiddle = 0;
    let ms = NaN;
    for (let bin = this.#first; bin <= this.#last; bin++) {
      const weight = this.#weights[bin];
      if (weight === 0) continue;
      const middle = before + weight / 2;
      const hereMs = this.#sums[bin] / weight;
      const isNear = bin - lastBin <= NEAR;
      if (isNear && middle >= wanted) {
        return ms + (hereMs - ms) * (wanted - lastMiddle) / (middle - lastMiddle);
      }
      if (!isNear && before > 0 && before >= wanted) return ms;
      ms = hereMs;
      if (middle >= wanted) return ms;
      lastBin = bin;
      lastMiddle = middle;
      before += weight;
    }
    return ms;
  }

  /** The share of the runs that need at most so much. */
  shareWithin(ms: number): number {
    let within = 0;
    for (let bin = this.#first; bin <= this.#last; bin++) {
      const weight = this.#weights[bin];
      if (weight > 0 && this.#sums[bin] / weight <= ms * ROUNDING) within += weight;
    }
    return within / this.#total;
  }

  /** What is left, on average, of a run that has had so much. */
  leftMs(hadMs: number): number {
    let sum = 0;
    let total = 0;
    const last = this.#lastUsual();
    for (let bin = this.#first; bin <= last; bin++) {
      const weight = this.#weights[bin];
      if (weight === 0) continue;
      if (this.#sums[bin] / weight <= hadMs) continue;
      sum += this.#sums[bin];
      total += weight;
    }
    return total > 0 ? sum / total - hadMs : 0;
  }

  /** All times are longer by a factor, up to `mostMs`; only `samples` runs of those seen still count. */
  scale(factor: number, samples: number, mostMs: number = Infinity): void {
    const weights = this.#weights.slice();
    const sums = this.#sums.slice();
    this.#weights.fill(0);
    this.#sums.fill(0);
    this.#first = BINS;
    this.#last = -1;
    for (let from = 0; from < BINS; from++) {
      const weight = weights[from];
      if (weight > 0) this.#put(Math.min(mostMs, sums[from] * factor / weight), weight);
    }
    if (this.samples > samples) this.#unit = this.#total / samples;
    this.count = Math.min(this.count, Math.ceil(samples));
    this.#news = MEMORY;
    this.refresh();
  }

  #put(time: number, weight: number): void {
    const ms = time < LONGEST_MS ? time : LONGEST_MS;
    const bin = binOf(ms);
    this.#weights[bin] += weight;
    this.#sums[bin] += weight * ms;
    if (bin < this.#first) this.#first = bin;
    if (bin > this.#last) this.#last = bin;
  }

  save(): SavedSpread {
    const bins: [number, number, number][] = [];
    for (let bin = this.#first; bin <= this.#last; bin++) {
      const weight = this.#weights[bin];
      if (weight > 0) bins.push([bin, weight / this.#unit, this.#sums[bin] / weight]);
    }
    return bins;
  }

  /** @param saved What was saved, by {@linkcode isSavedSpread}. */
  static load(saved: SavedSpread): Spread {
    const spread = new Spread();
    for (const [, weight, ms] of saved) {
      spread.#put(ms, weight);
      spread.#total += weight;
    }
    spread.count = Math.round(spread.#total);
    spread.#news = MEMORY;
    spread.refresh();
    return spread;
  }

  #weigh(factor: number): void {
    for (let bin = this.#first; bin <= this.#last; bin++) {
      this.#weights[bin] *= factor;
      this.#sums[bin] *= factor;
    }
    this.#unit *= factor;
    this.#total *= factor;
  }

  /** Bins whose runs have faded are no longer in use. */
  #settle(): void {
    const faded = this.#unit * 1e-3;
    while (this.#first < this.#last && this.#weights[this.#first] < faded) {
      this.#clear(this.#first++);
    }
    while (this.#last > this.#first && this.#weights[this.#last] < faded) this.#clear(this.#last--);
  }

  #clear(bin: number): void {
    this.#total -= this.#weights[bin];
    this.#weights[bin] = 0;
    this.#sums[bin] = 0;
  }

  /** Index of the last bin but for one that holds a single run, far beyond all others. */
  #lastUsual(): number {
    const last = this.#last;
    if (this.#weights[last] > SINGLE * this.#unit || this.count < 2) return last;
    for (let bin = last - 1; bin >= this.#first; bin--) {
      if (this.#weights[bin] > 0) return last - bin >= FAR ? bin : last;
    }
    return last;
  }
}

function binOf(ms: number): number {
  if (!(ms > 0)) return 0;
  const bin = Math.floor((log2(ms) - LOWEST) * PER_OCTAVE);
  return bin < 0 ? 0 : bin < BINS ? bin : BINS - 1;
}

const SANE_BIN = rangeOf(0, BINS - 1, { integer: true });
const SANE_WEIGHT = rangeOf(1e-9, 2 * MEMORY);
const SANE_MS = rangeOf(0, 2 * LONGEST_MS); // a mean may be rounded up

/** Whether a value is what {@linkcode Spread.save} gives. */
export function isSavedSpread(saved: unknown): saved is SavedSpread {
  return Array.isArray(saved) && saved.length > 0 && saved.length <= BINS &&
    saved.every((entry) => {
      if (!Array.isArray(entry)) return false;
      const [bin, weight, ms] = entry;
      return isWithin(bin, SANE_BIN) && isWithin(weight, SANE_WEIGHT) && isWithin(ms, SANE_MS);
    });
}
