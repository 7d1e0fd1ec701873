import type { Job } from "../job.ts";
import type { KindInfo } from "../kind.ts";
import {
  placeOfStatus,
  placeOfStrategy,
  type Status,
  STATUSES,
  STRATEGIES,
  type Strategy,
} from "../outcome.ts";
import { type Distribution, Histogram } from "./histogram.ts";

/** Counts by status. */
export type StatusCounts = Readonly<Record<Status, number>>;

/** One kind on one strategy. */
export interface SeriesStats {
  /** Name of the kind. */
  readonly kind: string;
  /** The strategy. */
  readonly strategy: Strategy;
  /** Jobs settled, by how they ended. */
  readonly statuses: StatusCounts;
  /** Time that jobs which ran did not run, in ms. */
  readonly waitMs: Distribution;
  /** Time that jobs ran, in ms. */
  readonly runMs: Distribution;
}

/** Why a submit was refused before it became a job. */
export type Rejection =
  | "unknown_kind"
  | "invalid_input"
  | "invalid_hints"
  | "aborted"
  | "closed"
  | "policy_error"
  | "other";

/** What the metrics say. */
export interface MetricsSnapshot extends StatusCounts {
  /** Jobs taken; `completed + failed + dropped + cancelled + timedOut + inFlight`. */
  readonly submitted: number;
  /** Jobs taken and not settled. */
  readonly inFlight: number;
  /** Jobs by the strategy that was carried out; sums to `submitted`. */
  readonly routed: Readonly<Record<Strategy, number>>;
  /** Drops by reason; sums to `dropped`. */
  readonly dropReasons: Readonly<Record<string, number>>;
  /** Submits that did not become jobs, by cause. */
  readonly rejected: Readonly<Partial<Record<Rejection, number>>>;
  /** Jobs settled twice; anything but 0 is a bug of the router. */
  readonly doubleSettled: number;
  /** Times a listener, a sink or a policy's `admit`, `order` or `observe` threw. */
  readonly listenerErrors: number;
  /** Every kind on every strategy that was used. */
  readonly series: readonly SeriesStats[];
}

/** Counters and histograms of one kind on one strategy. */
class Series {
  readonly statuses: number[] = STATUSES.map(() => 0);
  readonly waitMs = new Histogram();
  readonly runMs = new Histogram();
}

/** Counts what becomes of jobs. */
export class Metrics {
  submitted = 0;
  doubleSettled = 0;
  listenerErrors = 0;
  readonly #kinds: readonly KindInfo[];
  readonly #statuses: number[] = STATUSES.map(() => 0);
  readonly #routed: number[] = STRATEGIES.map(() => 0);
  readonly #dropReasons: Record<string, number> = Object.create(null);
  readonly #rejected: Partial<Record<Rejection, number>> = {};
  readonly #series: (Series | undefined)[] = [];

  constructor(kinds: readonly KindInfo[]) {
    this.#kinds = kinds;
  }

  /** A job was taken for `strategy`. */
  took(strategy: Strategy): void {
    this.submitted++;
    this.#routed[placeOfStrategy(strategy)]++;
  }

  /** A submit did not become a job. */
  rejected(cause: Rejection): void {
    this.#rejected[cause] = (this.#rejected[cause] ?? 0) + 1;
  }

  /** A job is over. */
  settled(job: Job): void {
    const status = placeOfStatus(job.status);
    this.#statuses[status]++;
    if (job.status === "dropped") {
      const reason = job.value as string;
      this.#dropReasons[reason] = (this.#dropReasons[reason] ?? 0) + 1;
    }
    const place = job.kind.index * STRATEGIES.length + placeOfStrategy(job.strategy);
    const series = this.#series[place] ??= new Series();
    series.statuses[status]++;
    if (!job.ran) return;
    series.waitMs.record(job.waitMs);
    series.runMs.record(job.runMs);
  }

  snapshot(inFlight: number): MetricsSnapshot {
    return {
      submitted: this.submitted,
      ...named(STATUSES, this.#statuses),
      inFlight,
      routed: named(STRATEGIES, this.#routed),
      dropReasons: { ...this.#dropReasons },
      rejected: { ...this.#rejected },
      doubleSettled: this.doubleSettled,
      listenerErrors: this.listenerErrors,
      series: this.#seriesStats(),
    };
  }

  #seriesStats(): SeriesStats[] {
    return this.#kinds.flatMap((kind) =>
      STRATEGIES.flatMap((strategy, i) => {
        const series = this.#series[kind.index * STRATEGIES.length + i];
        if (series === undefined) return [];
        return {
          kind: kind.name,
          strategy,
          statuses: named(STATUSES, series.statuses),
          waitMs: series.waitMs.summary(),
          runMs: series.runMs.summary(),
        };
      })
    );
  }
}

/** Counts with the names of their places. */
function named<Key extends string>(
  names: readonly Key[],
  counts: readonly number[],
): Record<Key, number> {
  return Object.fromEntries(names.map((name, i) => [name, counts[i]])) as Record<Key, number>;
}
