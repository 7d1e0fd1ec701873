import { BUCKET_BOUNDS_MS, type Distribution, Histogram } from "../../../mod.ts";

/** What a sample is about. */
export type Labels = Readonly<Record<string, string>>;

/** One figure. */
export type Sample = readonly [Labels, number];

/** One distribution. */
export type Series = readonly [Labels, Distribution];

/** A metric and all its samples, before it is written. */
export interface Family {
  /** Base name; of a counter without `_total`. */
  readonly name: string;
  /** What it is. */
  readonly type: "counter" | "gauge" | "histogram" | "info";
  /** For people. */
  readonly help: string;
  /** Unit, which its name ends with. */
  readonly unit?: "seconds";
  /** Samples: name without the base, labels and value. */
  readonly samples: readonly (readonly [suffix: string, labels: Labels, value: number])[];
}

/** A figure that only grows. */
export function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: "counter", help, samples: samples.map((one) => ["_total", ...one]) };
}

/** A figure that goes up and down. */
export function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, type: "gauge", help, samples: samples.map((one) => ["", ...one]) };
}

/** A time that goes up and down, given in ms. */
export function timeGauge(name: string, help: string, samples: readonly Sample[]): Family {
  const inSeconds = samples.map(([labels, ms]): Sample => [labels, ms / 1_000]);
  return { ...gauge(name, help, inSeconds), unit: "seconds" };
}

/** Facts that do not change. */
export function info(name: string, help: string, labels: Labels): Family {
  return { name, type: "info", help, samples: [["_info", labels, 1]] };
}

/** Distributions of times, which are in ms. */
export function timeHistogram(name: string, help: string, series: readonly Series[]): Family {
  return { ...histogram(name, help, series, TIME_BOUNDS, 1_000), unit: "seconds" };
}

/** Distributions of whole numbers from 1 to 10,000. */
export function sizeHistogram(name: string, help: string, series: readonly Series[]): Family {
  return histogram(name, help, series, SIZE_BOUNDS, 1);
}

/** A bound as it is shown, and its place among `BUCKET_BOUNDS_MS`. */
type Bound = readonly [le: number, place: number];

const TIME_BOUNDS: readonly Bound[] = BUCKET_BOUNDS_MS.map((ms, place) => [ms / 1_000, place]);

const SIZE_BOUNDS: readonly Bound[] = findSizeBounds();

/**
 * Buckets are made for times, and a bound may be 1.6 % off: 5 counts as more than 5. What is off for
 * a time is wrong for a size, so each bound is shown as the largest size that it does count.
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
