import { BUCKET_BOUNDS_MS, type Distribution, Histogram } from "../../../mod.ts";

/** Labels of a sample. */
export type Labels = Readonly<Record<string, string>>;

/** A sample: its labels and value. */
export type Sample = readonly [Labels, number];

/** A distribution with its labels. */
export type Series = readonly [Labels, Distribution];

/** A metric and all its samples, before it is formatted. */
export interface Family {
  /** Base name; for a counter, without `_total`. */
  readonly name: string;
  /** Type of the metric. */
  readonly type: "counter" | "gauge" | "histogram" | "info";
  /** Help text. */
  readonly help: string;
  /** Unit, with which the name ends. */
  readonly unit?: "seconds";
  /** Samples: name suffix, labels and value. */
  readonly samples: readonly (readonly [suffix: string, labels: Labels, value: number])[];
}

/** A value that only increases. */
export function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: "counter", help, samples: samples.map((one) => ["_total", ...one]) };
}

/** A value that can go up and down. */
export function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: "gauge", help, samples: samples.map((one) => ["", ...one]) };
}

/** A time that can go up and down, given in ms. */
export function timeGauge(name: string, help: string, samples: readonly Sample[]): Family {
  const inSeconds = samples.map(([labels, ms]): Sample => [labels, ms / 1_000]);
  return { ...gauge(name, help, inSeconds), unit: "seconds" };
}

/** Constant facts, as labels. */
export function info(name: string, help: string, labels: Labels): Family {
  return { name, type: "info", help, samples: [["_info", labels, 1]] };
}

/** Distributions of times, given in ms. */
export function timeHistogram(name: string, help: string, series: readonly Series[]): Family {
  return { ...histogram(name, help, series, TIME_BOUNDS, 1_000), unit: "seconds" };
}

/** Distributions of integers from 1 to 10,000. */
export function sizeHistogram(name: string, help: string, series: readonly Series[]): Family {
  return histogram(name, help, series, SIZE_BOUNDS, 1);
}

/** A bound as it is exposed, and its index in `BUCKET_BOUNDS_MS`. */
type Bound = readonly [le: number, place: number];

const TIME_BOUNDS: readonly Bound[] = BUCKET_BOUNDS_MS.map((ms, place) => [ms / 1_000, place]);

const SIZE_BOUNDS: readonly Bound[] = findSizeBounds();

/**
 * Buckets are made for times, where a bound may be 1.6 % off: 5 counts as more than 5. For a size
 * that would be wrong, so each bound is exposed as the largest size that it does count.
 */
function findSizeBounds(): Bound[] {
  const sizes = new Histogram();
  for (let size = 1; size <= 10_000; size++) sizes.record(size);
  const { buckets, count } = sizes.summary();
  return buckets.map((largest, place): Bound => [largest, place])
    .filter(([largest]) => largest > 0 && largest < count);
}

function histogram(
  name: string,
  help: string,
  series: readonly Series[],
  bounds: readonly Bound[],
  perUnit: number,
): Family {
  const samples = series.flatMap(([labels, { buckets, count, sum }]) => [
    ...bounds.map(([le, place]) =>
      ["_bucket", { ...labels, le: `${le}` }, buckets[place]] as const
    ),
    ["_bucket", { ...labels, le: "+Inf" }, count] as const,
    ["_sum", labels, sum / perUnit] as const,
    ["_count", labels, count] as const,
  ]);
  return { name, type: "histogram", help, samples };
}
