const SUB_BUCKETS = 32;
const SUB_BITS = 5;
const OCTAVES = 28;
const MAX_US = 4_294_967_295;

// Indexes into a histogram's figures; the buckets follow.
const SUM = 0;
const MAX = 1;
const FIRST = 2;
const END: number = FIRST + SUB_BUCKETS * OCTAVES;

/** Upper bounds, in ms, of the buckets of a {@linkcode Distribution}. */
export const BUCKET_BOUNDS_MS: readonly number[] = [
  ...[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500],
  ...[1_000, 2_500, 5_000, 10_000, 60_000],
];

/** Summary of a histogram. Times in ms; all 0 if `count` is 0. */
export interface Summary {
  /** Number of values recorded. */
  readonly count: number;
  /** Sum of the values. */
  readonly sum: number;
  /** Mean of the values. */
  readonly mean: number;
  /** Half of the values are at most this. */
  readonly p50: number;
  /** 95 % of the values are at most this. */
  readonly p95: number;
  /** 99 % of the values are at most this. */
  readonly p99: number;
  /** The largest value; in a window, the upper end of its bucket. */
  readonly max: number;
}

/** Summary of a histogram, with its buckets. */
export interface Distribution extends Summary {
  /** Number of values up to each of `BUCKET_BOUNDS_MS`, in that order. */
  readonly buckets: readonly number[];
}

/** The counts of a histogram at some moment. */
export interface HistogramMark {
  /** Sum of the values. */
  readonly sum: number;
  /** Index of the first bucket that was used. */
  readonly first: number;
  /** Values in each bucket, from the first that was used to the last. */
  readonly counts: Uint32Array;
}

/** The figures of all that are empty. */
const NOTHING = new Float64Array(END);
/** The mark of all that are empty. */
const NO_MARK: HistogramMark = { sum: 0, first: END, counts: new Uint32Array(0) };

/**
 * A histogram of times with log-linear buckets, as in HdrHistogram: 1 µs wide up to 32 µs, then 32
 * buckets per doubling, so a quantile is at most 1.6 % off. Times above 71 minutes count as 71
 * minutes, except in `max` and `sum`.
 */
export class Histogram {
  /**
   * Sum, largest value and buckets in one array, so that recording takes few memory accesses; made for the first
   * value, as most histograms of a router stay empty.
   */
  #figures = NOTHING;

  /** Its figures, to be written: those of an empty one are shared. */
  #own(): Float64Array {
    if (this.#figures === NOTHING) this.#figures = new Float64Array(END);
    return this.#figures;
  }

  /** Number of values recorded. */
  get count(): number {
    if (this.#figures === NOTHING) return 0;
    let count = 0;
    for (let i = FIRST; i < END; i++) count += this.#figures[i];
    return count;
  }

  #max(): number {
    return this.#figures[MAX];
  }

  /** Records a time in ms. A value not above 0, as from a clock that went back, counts as 0. */
  record(ms: number): void {
    const figures = this.#own();
    if (!(ms > 0)) {
      figures[FIRST]++;
      return;
    }
    figures[SUM] += ms;
    if (ms > figures[MAX]) figures[MAX] = ms;
    const us = ms * 1_000 + 0.5; // rounded, so that the middle of a bucket is its value
    figures[FIRST + bucketOf(us < MAX_US ? us >>> 0 : MAX_US)]++;
  }

  /** Records the value 0, `times` times. */
  recordZeros(times: number): void {
    this.#own()[FIRST] += times;
  }

  /** The value, in ms, that a share `q` (0 to 1) of the values does not exceed. */
  quantile(q: number, count: number = this.count): number {
    if (count === 0) return 0;
    let missing = Math.max(1, Math.ceil(q * count));
    for (let i = FIRST; i < END; i++) {
      missing -= this.#figures[i];
      if (missing <= 0) return Math.min(middleOf(i - FIRST) / 1_000, this.#max());
    }
    return this.#max();
  }

  /** Adds the values of another histogram. */
  merge(other: Histogram): void {
    if (other.#figures === NOTHING) return;
    const max = Math.max(this.#max(), other.#max());
    const figures = this.#own();
    for (let i = 0; i < END; i++) figures[i] += other.#figures[i];
    figures[MAX] = max;
  }

  /** Takes a snapshot of the counts, for `since()`. */
  mark(): HistogramMark {
    const figures = this.#figures;
    if (figures === NOTHING) return NO_MARK;
    let first = FIRST;
    while (first < END && figures[first] === 0) first++;
    let end = END;
    while (end > first && figures[end - 1] === 0) end--;
    return { sum: figures[SUM], first, counts: Uint32Array.from(figures.subarray(first, end)) };
  }

  /** A histogram of what was recorded since a mark. */
  since(mark: HistogramMark): Histogram {
    const later = new Histogram();
    later.merge(this);
    const figures = later.#figures;
    if (figures === NOTHING) return later;
    mark.counts.forEach((count, i) => figures[mark.first + i] -= count);
    let last = END - 1;
    while (last >= FIRST && figures[last] === 0) last--;
    if (last < FIRST) return new Histogram();
    figures[SUM] -= mark.sum;
    figures[MAX] = Math.min(endOf(last - FIRST) / 1_000, this.#max());
    return later;
  }

  /** Its summary, without buckets. */
  figures(): Summary {
    const { count } = this;
    const sum = this.#figures[SUM];
    return {
      count,
      sum,
      mean: count === 0 ? 0 : sum / count,
      p50: this.quantile(0.5, count),
      p95: this.quantile(0.95, count),
      p99: this.quantile(0.99, count),
      max: this.#max(),
    };
  }

  /** Its summary, with buckets. */
  summary(): Distribution {
    return { ...this.figures(), buckets: this.#cumulative() };
  }

  #cumulative(): number[] {
    let i = 0;
    let sum = 0;
    return BUCKET_BOUNDS_MS.map((boundMs) => {
      while (FIRST + i < END && middleOf(i) <= boundMs * 1_000) sum += this.#figures[FIRST + i++];
      return sum;
    });
  }
}

function bucketOf(us: number): number {
  if (us < SUB_BUCKETS) return us;
  const shift = 31 - SUB_BITS - Math.clz32(us); // us lies in [32, 64) << shift
  return (shift + 1) * SUB_BUCKETS + ((us >>> shift) & (SUB_BUCKETS - 1));
}

/** Upper end of a bucket, in µs. */
function endOf(bucket: number): number {
  return middleOf(bucket) + widthOf(bucket) / 2;
}

function widthOf(bucket: number): number {
  return 1 << Math.max(0, (bucket >>> SUB_BITS) - 1);
}

function middleOf(bucket: number): number {
  const width = widthOf(bucket);
  const first = bucket < SUB_BUCKETS ? bucket : SUB_BUCKETS + (bucket & (SUB_BUCKETS - 1));
  return first * width + (width - 1) / 2;
}
