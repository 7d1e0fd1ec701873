const SUB_BUCKETS = 32;
const SUB_BITS = 5;
const OCTAVES = 28;
const MAX_US = 4_294_967_295;

// Places of a histogram's figures.
const SUM = 0;
const MAX = 1;

/** Upper bounds, in ms, of the buckets that a {@linkcode Distribution} shows. */
export const BUCKET_BOUNDS_MS: readonly number[] = [
  ...[0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500],
  ...[1_000, 2_500, 5_000, 10_000, 60_000],
];

/** What a histogram says, in short. Times in ms; all 0 when `count` is 0. */
export interface Summary {
  /** Values recorded. */
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
  /** The largest value; of a window, the upper end of its bucket. */
  readonly max: number;
}

/** What a histogram says. */
export interface Distribution extends Summary {
  /** How many values are at most each of `BUCKET_BOUNDS_MS`, in that order. */
  readonly buckets: readonly number[];
}

/** What a histogram had counted at some moment. */
export interface HistogramMark {
  /** Values recorded. */
  readonly count: number;
  /** Sum of the values. */
  readonly sum: number;
  /** The first bucket that was used. */
  readonly first: number;
  /** Values in each bucket, from the first that was used to the last. */
  readonly counts: Uint32Array;
}

/**
 * Counts times in log-linear buckets (as HdrHistogram does): single microseconds up to 32 µs, then
 * 32 buckets for each doubling, so a quantile is at most 1.6 % off. Longer than 71 minutes counts
 * as 71 minutes, except for `max` and `sum`.
 */
export class Histogram {
  readonly #counts = new Uint32Array(SUB_BUCKETS * OCTAVES);
  /** Sum and largest value: an array, as engines box fields that are fractions. */
  readonly #figures = new Float64Array(2);
  #count = 0;

  /** Values recorded. */
  get count(): number {
    return this.#count;
  }

  get #max(): number {
    return this.#figures[MAX];
  }

  /** Records a time in ms. What is not above 0, as of a clock that went back, counts as 0. */
  record(ms: number): void {
    this.#count++;
    if (!(ms > 0)) {
      this.#counts[0]++;
      return;
    }
    const figures = this.#figures;
    figures[SUM] += ms;
    if (ms > figures[MAX]) figures[MAX] = ms;
    const us = ms * 1_000 + 0.5; // to the nearest: the middle of a bucket is then its value
    this.#counts[bucketOf(us < MAX_US ? us >>> 0 : MAX_US)]++;
  }

  /** The value below or at which a share `q` (0 to 1) of the values lies, in ms. */
  quantile(q: number): number {
    if (this.#count === 0) return 0;
    let missing = Math.max(1, Math.ceil(q * this.#count));
    for (let i = 0; i < this.#counts.length; i++) {
      missing -= this.#counts[i];
      if (missing <= 0) return Math.min(middleOf(i) / 1_000, this.#max);
    }
    return this.#max;
  }

  /** Adds the values of another histogram. */
  merge(other: Histogram): void {
    if (other.#count === 0) return;
    this.#count += other.#count;
    for (let i = 0; i < this.#counts.length; i++) this.#counts[i] += other.#counts[i];
    this.#figures[SUM] += other.#figures[SUM];
    this.#figures[MAX] = Math.max(this.#max, other.#max);
  }

  /** Keeps what it has counted so far, to be compared with later. */
  mark(): HistogramMark {
    const counts = this.#counts;
    let first = 0;
    while (first < counts.length && counts[first] === 0) first++;
    let end = counts.length;
    while (end > first && counts[end - 1] === 0) end--;
    return { count: this.#count, sum: this.#figures[SUM], first, counts: counts.slice(first, end) };
  }

  /** What it has counted since. */
  since(mark: HistogramMark): Histogram {
    const later = new Histogram();
    later.merge(this);
    mark.counts.forEach((count, i) => later.#counts[mark.first + i] -= count);
    later.#count -= mark.count;
    if (later.#count === 0) return new Histogram();
    later.#figures[SUM] -= mark.sum;
    let last = later.#counts.length - 1;
    while (last > 0 && later.#counts[last] === 0) last--;
    later.#figures[MAX] = Math.min(endOf(last) / 1_000, this.#max);
    return later;
  }

  /** The histogram in figures, without buckets. */
  figures(): Summary {
    const count = this.#count;
    const sum = this.#figures[SUM];
    return {
      count,
      sum,
      mean: count === 0 ? 0 : sum / count,
      p50: this.quantile(0.5),
      p95: this.quantile(0.95),
      p99: this.quantile(0.99),
      max: this.#max,
    };
  }

  /** The histogram in figures. */
  summary(): Distribution {
    return { ...this.figures(), buckets: this.#cumulative() };
  }

  #cumulative(): number[] {
    let i = 0;
    let sum = 0;
    return BUCKET_ENDS.map((end) => {
      for (; i < end; i++) sum += this.#counts[i];
      return sum;
    });
  }
}

/** For each of `BUCKET_BOUNDS_MS`: the first bucket above it. */
const BUCKET_ENDS: readonly number[] = findEnds();

function findEnds(): number[] {
  let i = 0;
  return BUCKET_BOUNDS_MS.map((boundMs) => {
    while (i < SUB_BUCKETS * OCTAVES && middleOf(i) <= boundMs * 1_000) i++;
    return i;
  });
}

function bucketOf(us: number): number {
  if (us < SUB_BUCKETS) return us;
  const shift = 31 - SUB_BITS - Math.clz32(us); // us lies in [32, 64) << shift
  return (shift + 1) * SUB_BUCKETS + ((us >>> shift) & (SUB_BUCKETS - 1));
}

/** The largest value that a bucket counts, in µs. */
function endOf(bucket: number): number {
  const middle = middleOf(bucket);
  return bucket < SUB_BUCKETS ? middle + 0.5 : middle + widthOf(bucket) / 2;
}

function widthOf(bucket: number): number {
  return 2 ** ((bucket >>> SUB_BITS) - 1);
}

function middleOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const width = widthOf(bucket);
  return (SUB_BUCKETS + (bucket & (SUB_BUCKETS - 1))) * width + (width - 1) / 2;
}
