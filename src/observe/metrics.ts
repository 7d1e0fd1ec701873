import { type Rejection, type Status, STATUSES, STRATEGIES, type Strategy } from "../outcome.ts";
import type { JobFacts } from "../policy/policy.ts";
import type { SettledJob } from "./sink.ts";
import { Hindsight, type KindStats } from "./hindsight.ts";
import { type Distribution, Histogram } from "./histogram.ts";
import { addTo, named } from "./named_counts.ts";
import { RunLog } from "./run_log.ts";
import { Timings } from "./timings.ts";
import { type Totals, Windows, type WindowStats } from "./windows.ts";

/** Counts by status. */
export type StatusCounts = Readonly<Record<Status, number>>;

/** Statistics of one kind on one strategy. */
export interface SeriesStats {
  /** Name of the kind. */
  readonly kind: string;
  /** The strategy. */
  readonly strategy: Strategy;
  /** Jobs settled, by status. */
  readonly statuses: StatusCounts;
  /** Time not spent running, of jobs that ran, in ms. */
  readonly waitMs: Distribution;
  /** Run time, in ms. */
  readonly runMs: Distribution;
  /** Time from submit to outcome, of jobs that ran, in ms. */
  readonly latencyMs: Distribution;
  /** Jobs completed within their latency budget. */
  readonly withinBudget: number;
  /** Drops by reason. */
  readonly dropReasons: Readonly<Record<string, number>>;
}

/** A snapshot of the metrics. */
export interface MetricsSnapshot extends StatusCounts {
  /** Jobs submitted: `completed + failed + dropped + cancelled + timedOut + inFlight`. */
  readonly submitted: number;
  /** Jobs submitted and not yet settled. */
  readonly inFlight: number;
  /** Jobs completed within their latency budget. */
  readonly withinBudget: number;
  /**
   * Jobs by the strategy that was carried out; with those that wait for room, sums to `submitted`. One that moves
   * to another lane while it waits counts for that one from then on.
   */
  readonly routed: Readonly<Record<Strategy, number>>;
  /** Moves of jobs while they waited, by the strategy they left. */
  readonly moved: Readonly<Record<Strategy, number>>;
  /** Drops by reason; sums to `dropped`. */
  readonly dropReasons: Readonly<Record<string, number>>;
  /** Refused submits, which did not become jobs, by cause. */
  readonly rejected: Readonly<Partial<Record<Rejection, number>>>;
  /** Jobs settled twice; anything but 0 is a bug in the router. */
  readonly doubleSettled: number;
  /** Times a listener, `onProgress`, a sink, a signal, the telemetry, or a policy's own code threw. */
  readonly listenerErrors: number;
  /** One entry per kind and strategy that was used. */
  readonly series: readonly SeriesStats[];
  /** How decisions have turned out, by kind. */
  readonly kinds: readonly KindStats[];
  /** Time from submit to outcome, of jobs that ran, by strategy, in ms. */
  readonly latencyMs: Readonly<Record<Strategy, Distribution>>;
  /** Number of jobs per batch run. */
  readonly batchSizes: Distribution;
  /**
   * Absolute difference between the run time of a job and the model's prediction, in ms. A kind's
   * first run has no prediction.
   */
  readonly predictionErrorMs: Distribution;
  /** Sliding windows. */
  readonly windows: {
    /** The last 10 s. */
    readonly last10s: WindowStats;
    /** The last minute. */
    readonly last1min: WindowStats;
  };
}

/** Of the golden ratio, as a small integer: numbers of jobs, times this, are spread evenly whatever their period. */
const GOLDEN = -0x61c88647;
const AT_ONCE_MS = 1;
/** Index of the strategy of jobs that no lane has. */
const NOWHERE = STRATEGIES.indexOf("backpressure_drop");
export const INLINE: number = STRATEGIES.indexOf("inline");
const COMPLETED = STATUSES.indexOf("completed");

/** Counters and histograms of one kind on one strategy. */
class Series {
  readonly statuses: number[] = STATUSES.map(() => 0);
  readonly timings = new Timings();
  withinBudget = 0;
  readonly dropReasons: Record<string, number> = Object.create(null);
}

/** Counts jobs, and how they end. */
export class Metrics {
  doubleSettled = 0;
  listenerErrors = 0;
  readonly #batchSizes = new Histogram();
  readonly #predictionErrorMs = new Histogram();
  readonly #kinds: readonly SettledJob["kind"][];
  readonly #areTimed: boolean;
  readonly #windows: Windows;
  /** When the windows must be marked before anything is counted; `Infinity` if there are none. */
  #windowsDueMs: number;
  /** Jobs that wait for room: in flight at no lane, though not routed yet. */
  #waiting = 0;
  readonly #moved: number[] = STRATEGIES.map(() => 0);
  /** What is looked back on. */
  declare readonly hindsight: Hindsight;
  readonly #many: Uint16Array;
  /** Jobs in flight: kinds by their index, in each the strategies in their order. */
  declare readonly inFlight: Int32Array;
  readonly #rejected: Partial<Record<Rejection, number>> = {};
  readonly #runs = new RunLog();
  readonly #series: (Series | undefined)[] = [];

  /** `areTimed`: whether to keep distributions and windows besides the counters. */
  constructor(kinds: readonly SettledJob["kind"][], areTimed: boolean, nowMs: number) {
    this.#kinds = kinds;
    this.inFlight = new Int32Array(kinds.length * STRATEGIES.length);
    this.hindsight = new Hindsight(kinds.length, areTimed);
    this.#many = this.hindsight.many;
    this.#areTimed = areTimed;
    this.#windows = new Windows(nowMs, () => this.#totals());
    this.#windowsDueMs = areTimed ? this.#windows.dueMs : Infinity;
  }

  /**
   * A job was routed to `strategy`.
   *
   * @returns Whether it is one of those to be looked back on.
   */
  took(job: JobFacts, strategy: Strategy, nowMs: number): boolean {
    const kind = job.kind.index;
    this.begins(kind, placeOfStrategy(strategy), nowMs);
    return this.selects(job.id, kind);
  }

  /** Whether job number `id`, of kind number `kind`, is one of those to be looked back on. */
  selects(id: number, kind: number): boolean {
    return (Math.imul(id, GOLDEN) >>> 22) < this.#many[kind];
  }

  /** A job of kind number `kind` was routed to the strategy at a place. */
  begins(kind: number, place: number, nowMs: number): void {
    if (nowMs >= this.#windowsDueMs) this.#markWindows(nowMs);
    this.inFlight[kind * STRATEGIES.length + place]++;
  }

  /** A job of kind number `kind` has completed inline, at once; `errorMs` as in `settled()`. */
  ranAtOnce(kind: number, runMs: number, withinBudget: boolean, errorMs: number): void {
    const place = kind * STRATEGIES.length + INLINE;
    this.inFlight[place]--;
    const series = this.#series[place] ??= new Series();
    series.statuses[COMPLETED]++;
    if (withinBudget) series.withinBudget++;
    if (!this.#areTimed) return;
    series.timings.recordAtOnce(runMs);
    if (errorMs === errorMs) this.#predictionErrorMs.record(Math.abs(errorMs));
  }

  /** A job of kind number `kind` has moved to another lane while it waited. */
  moved(kind: number, from: Strategy, to: Strategy): void {
    const place = placeOfStrategy(from);
    this.#moved[place]++;
    this.#goes(kind, place, to);
  }

  /** A job that is in flight at a place is so at another one. */
  #goes(kind: number, from: number, to: Strategy): void {
    const first = kind * STRATEGIES.length;
    this.inFlight[first + from]--;
    this.inFlight[first + placeOfStrategy(to)]++;
  }

  /** A job that was routed to nothing waits for room instead: it is not routed yet. */
  waits(): void {
    this.#waiting++;
  }

  /** A job of kind number `kind` waits for room no longer: it is routed now. */
  leaves(kind: number, to: Strategy): void {
    this.#waiting--;
    this.#goes(kind, NOWHERE, to);
  }

  /** A submit was refused. */
  rejected(cause: Rejection): void {
    addTo(this.#rejected, cause);
  }

  /** A batch of `size` jobs starts to run. */
  ranBatch(size: number): void {
    if (this.#areTimed) this.#batchSizes.record(size);
  }

  /** A job is over; `errorMs` is its run time minus the prediction, `NaN` without one. */
  settled(job: SettledJob, facts: JobFacts, nowMs: number, errorMs: number): void {
    // For a job that was over at once, the time was checked when it was routed.
    if (job.totalMs > AT_ONCE_MS && nowMs >= this.#windowsDueMs) this.#markWindows(nowMs);
    const place = facts.kind.index * STRATEGIES.length + placeOfStrategy(job.strategy);
    this.inFlight[place]--;
    const series = this.#series[place] ??= new Series();
    if (job.status === "completed") {
      series.statuses[COMPLETED]++;
      if (job.totalMs <= facts.latencyBudgetMs) series.withinBudget++;
    } else countOther(series, job);
    if (job.ran === true && this.#areTimed === true && this.#runs.add(place, job, errorMs)) {
      this.#record();
    }
  }

  #markWindows(nowMs: number): void {
    this.#windows.check(nowMs);
    this.#windowsDueMs = this.#windows.dueMs;
  }

  #record(): void {
    this.#runs.record(this.#series, this.#predictionErrorMs);
  }

  snapshot(inFlight: number, nowMs: number): MetricsSnapshot {
    const totals = this.#totals();
    const { withinBudget, dropReasons, latencyMs } = totals;
    return {
      submitted: totals.submitted,
      ...named(STATUSES, totals.statuses),
      inFlight,
      withinBudget,
      routed: named(STRATEGIES, totals.routed),
      moved: named(STRATEGIES, this.#moved),
      dropReasons: { ...dropReasons },
      rejected: { ...this.#rejected },
      doubleSettled: this.doubleSettled,
      listenerErrors: this.listenerErrors,
      series: this.#seriesStats(),
      kinds: this.#kinds.map(({ name, index }) => this.hindsight.stats(name, index)),
      latencyMs: named(STRATEGIES, latencyMs.map((histogram) => histogram.summary())),
      batchSizes: this.#batchSizes.summary(),
      predictionErrorMs: this.#predictionErrorMs.summary(),
      windows: {
        last10s: this.#windows.last(10_000, nowMs, totals),
        last1min: this.#windows.last(60_000, nowMs, totals),
      },
    };
  }

  #totals(): Totals {
    this.#record();
    const latencyMs = STRATEGIES.map(() => new Histogram());
    const dropReasons: Record<string, number> = Object.create(null);
    const statuses = STATUSES.map(() => 0);
    const routed = STRATEGIES.map(() => 0);
    let submitted = 0;
    let withinBudget = 0;
    this.inFlight.forEach((jobs, place) => {
      const strategy = place % STRATEGIES.length;
      submitted += jobs;
      routed[strategy] += jobs;
      const series = this.#series[place];
      if (series === undefined) return;
      latencyMs[strategy].merge(series.timings.latencyMs());
      series.statuses.forEach((jobs, status) => {
        submitted += jobs;
        routed[strategy] += jobs;
        statuses[status] += jobs;
      });
      withinBudget += series.withinBudget;
      for (const [reason, count] of Object.entries(series.dropReasons)) {
        addTo(dropReasons, reason, count);
      }
    });
    routed[NOWHERE] -= this.#waiting;
    return { submitted, withinBudget, statuses, routed, dropReasons, latencyMs };
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
          waitMs: series.timings.waitMs().summary(),
          runMs: series.timings.runMs().summary(),
          latencyMs: series.timings.latencyMs().summary(),
          withinBudget: series.withinBudget,
          dropReasons: { ...series.dropReasons },
        };
      })
    );
  }
}

/** Index of a strategy in {@linkcode STRATEGIES}; -1 for any other value. Faster than a search. */
function placeOfStrategy(strategy: Strategy): number {
  switch (strategy) {
    case "inline":
      return 0;
    case "spawn":
      return 1;
    case "cpu_pool":
      return 2;
    case "batch":
      return 3;
    case "backpressure_drop":
      return 4;
    default:
      return -1;
  }
}

/** Counts a job that did not complete. */
function countOther({ statuses, dropReasons }: Series, { status, value }: SettledJob): void {
  statuses[STATUSES.indexOf(status)]++;
  if (status === "dropped") addTo(dropReasons, value as string);
}
