import { isWithin, rangeOf } from "../check.ts";
import { BatchTimes, type SavedBatches } from "./batch_times.ts";
import { Curve, type Place, type SavedCurve } from "./curve.ts";
import type { Prediction } from "./prediction.ts";

/** Weight of the newest value in what is smoothed. */
const SMOOTHING = 1 / 8;
/** Time that an estimate holds without a run that confirms it, in ms. */
const CONFIRMED_MS = 100;
/** Time between probes, in runs: probes that stay slow take 2 % of a worker at most. */
const MAX_PROBE_RUNS = 50;

/**
 * Of runs up to this, in ms, one of so many is learned from, once so many have been, of which a longer one takes
 * back some: a pause in one of 500 runs is nothing new.
 */
export const NO_TIME_MS = 0.01;
const LEARNED_OF = 512;
const WELL_KNOWN = 512;
const TAKEN_BACK = 8;

/** Runs that tell how long a kind keeps its thread busy: the first one is often held up. */
const MIN_RUNS = 2;

/** What a saved number may be. */
const SANE = rangeOf(0, 1e15);

/** What is saved about a kind. Of times, how long ago they were; in JSON, `NaN` is `null`. */
export interface SavedKind {
  readonly kind: string | undefined;
  readonly run: SavedCurve;
  readonly busy: SavedCurve | null;
  readonly ageMs: number;
  readonly error: number;
  readonly postMs: number;
  readonly isAsync: boolean;
  /** Of kinds that have run as batches; absent in what was saved before there was this. */
  readonly batches?: SavedBatches | null;
  /** Whether it has run alone; absent if so. */
  readonly ranAlone?: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What was learned about one kind. */
export class KindRecord {
  readonly #prediction: Mutable<Prediction> = {
    typicalMs: NaN,
    highMs: NaN,
    samples: 0,
    runs: 0,
    ageMs: NaN,
    error: NaN,
    postMs: NaN,
    busyMs: NaN,
    busyMedianMs: NaN,
    busyTypicalMs: NaN,
    isAsync: false,
    probeAtMs: 0,
  };
  /** The cost that it is for; `null` once there is news. */
  #predictedCost: number | null = null;
  /** How long runs take. */
  run: Curve = new Curve();
  /** How long they keep their thread busy, once that has been less in any run. */
  busy: Curve | null = null;
  /** How long runs take, whatever their cost, smoothed, in ms; `NaN` at first. */
  meanMs: number = NaN;
  /** When a run was last learned from, on the router's clock; `NaN` at first. */
  learnedAtMs: number = NaN;
  /** Smoothed relative error of the predictions; `NaN` at first. */
  error: number = NaN;
  postMs: number = NaN;
  /** When the first run told of the last change of its times, on the router's clock; and of news since. */
  changedAtMs: number = -Infinity;
  #newsAtMs = 0;
  /** Runs that were over in no time, as far as no longer one has taken them back; and those that were skipped. */
  #inNoTime = 0;
  #skipped = 0;
  /** When the estimate may be probed, and the time until then after a run. */
  #probeAtMs = 0;
  #probeEveryMs = CONFIRMED_MS;
  isAsync = false;
  #isProbed = false;
  /** Whether the last probe started while a worker was idle. */
  isProbeFree = false;
  /** How long its batches take, once there are any, or jobs that could be in one. */
  batches: BatchTimes | null = null;
  /** Whether any run was no batch. Until then, what is known of runs are shares of batches. */
  ranAlone = true;

  /** How long runs keep their thread busy. */
  get busyCurve(): Curve {
    return this.busy ?? this.run;
  }

  /** What is known of a job at a cost, but for `ageMs` and `probeAtMs`: one object, overwritten by the next call. */
  predict(cost: number): Mutable<Prediction> {
    const prediction = this.#prediction;
    const last = this.#predictedCost;
    // The next job is often like the last one, and nothing was learned in between.
    if (cost === last || (cost !== cost && last !== last)) return prediction;
    this.#predictedCost = cost;
    const run = this.run.at(cost);
    const busy = this.busy === null ? run : this.busy.at(cost);
    prediction.typicalMs = run === null ? NaN : run.spread.meanMs * run.factor;
    prediction.highMs = run === null ? NaN : run.spread.highMs * run.factor * run.doubt;
    // What a share of a batch takes says nothing of how long a run alone blocks its thread.
    prediction.samples = run === null || !this.ranAlone ? 0 : run.samples;
    prediction.runs = this.run.runs;
    prediction.busyMs = busy === null ? NaN : this.boundMs(busy);
    prediction.busyMedianMs = busy === null ? NaN : busy.spread.medianMs * busy.factor;
    prediction.busyTypicalMs = busy === null ? NaN : busy.spread.meanMs * busy.factor;
    prediction.error = this.error;
    prediction.postMs = this.postMs;
    prediction.isAsync = this.isAsync;
    return prediction;
  }

  /**
   * How long runs keep their thread busy at most: nearly the longest. Of asynchronous ones, 94 %: what runs after an
   * `await` is measured with all else that holds up their thread meanwhile.
   */
  boundMs(place: Place): number {
    const { spread, factor } = place;
    return this.isAsync && spread.count >= MIN_RUNS ? spread.highMs * factor : longestMs(place);
  }

  get probeAtMs(): number {
    return this.#isProbed ? Infinity : this.#probeAtMs;
  }

  /**
   * Whether a run need not be learned from: of a kind whose runs are over in no time, most of them, as learning
   * would take longer. (A job that does nothing, submitted and run inline: 240 ns, 600 with each run learned
   * from; Node 20.) A longer run is treated as any other, or such runs would seem to be many, but the next ones
   * are learned from.
   */
  skips(runMs: number, nowMs: number): boolean {
    const isWellKnown = this.#inNoTime === WELL_KNOWN;
    if (runMs > NO_TIME_MS) this.#inNoTime = Math.max(0, this.#inNoTime - TAKEN_BACK);
    else if (!isWellKnown) this.#inNoTime++;
    if (!isWellKnown) return false;
    this.learnedAtMs = nowMs;
    return ++this.#skipped % LEARNED_OF !== 0;
  }

  /** Learns from the share that a job has of a batch, as long as none has run alone. */
  learnShare(cost: number, runMs: number, busyMs: number, nowMs: number): void {
    if (this.run.isEmpty) this.ranAlone = false;
    if (!this.ranAlone) this.learn(cost, runMs, busyMs, nowMs);
  }

  /** Learns from the share that a job had of a batch that did not complete. */
  learnShareAtLeast(cost: number, busyMs: number): void {
    if (this.run.isEmpty) this.ranAlone = false;
    if (!this.ranAlone) this.learnAtLeast(cost, busyMs);
  }

  /** A job runs alone: what is known of shares says nothing about that. */
  runsAlone(): void {
    if (this.ranAlone) return;
    this.ranAlone = true;
    this.#predictedCost = null;
    this.run = new Curve();
    this.busy = null;
    this.error = this.meanMs = NaN;
  }

  /**
   * Learns from a run; `busyMs` is `NaN` if unknown. Returns by what factor runs were found to take longer than
   * before: 1 if they do not.
   */
  learn(cost: number, runMs: number, busyMs: number, nowMs: number): number {
    this.#predictedCost = null;
    if (this.run.unusual === 0) this.#newsAtMs = nowMs;
    const begunAtMs = nowMs - runMs;
    const factor = this.run.learn(cost, runMs, begunAtMs, nowMs);
    if (factor !== 1) this.changedAtMs = this.#newsAtMs;
    this.meanMs = smoothed(this.meanMs, runMs);
    if (busyMs === busyMs) {
      this.isAsync = busyMs < runMs;
      if (this.isAsync) this.busy ??= new Curve();
      this.busy?.learn(cost, busyMs, begunAtMs, nowMs);
    }
    this.learnedAtMs = nowMs;
    this.#probeAtMs = nowMs + this.#probeEveryMs;
    return factor;
  }

  /**
   * Whether this kind may have changed by a factor, as others have since then: it has not run, or its last run was
   * unusual in that direction.
   */
  mayFollow(factor: number, sinceMs: number): boolean {
    if (this.learnedAtMs < sinceMs) return true;
    return this.changedAtMs < sinceMs && this.busyCurve.unusual * (factor - 1) > 0;
  }

  /** Runs keep their thread busy for longer by a factor, as those of other kinds do. What they wait for is no slower. */
  follow(factor: number): void {
    this.#predictedCost = null;
    this.busyCurve.follow(factor);
    if (this.busy === null) this.meanMs *= factor;
  }

  /** Learns how far a prediction was off. */
  learnError(runMs: number, typicalMs: number): void {
    this.#predictedCost = null;
    const apart = Math.abs(runMs - typicalMs);
    const error = apart === 0 ? 0 : apart / Math.max(runMs, typicalMs);
    this.error = smoothed(this.error, error);
  }

  /** Learns that a run that did not complete kept its thread busy for at least so long. */
  learnAtLeast(cost: number, busyMs: number): void {
    this.#predictedCost = null;
    const known = this.busyCurve.at(cost);
    if (known !== null && busyMs < known.spread.medianMs * known.factor) return;
    this.busyCurve.learn(cost, busyMs);
  }

  /** Learns what sending an input took. */
  learnPost(ms: number): void {
    this.#predictedCost = null;
    this.postMs = smoothed(this.postMs, ms);
  }

  /** A probe starts: until it ends, there is no other. */
  startProbe(isFree: boolean): void {
    this.#isProbed = true;
    this.isProbeFree = isFree;
  }

  /** A probe has ended; see `RunTimeModel.endProbe()`. */
  endProbe(cost: number, runMs: number, busyMs: number, isQuick: boolean, nowMs: number): void {
    this.#isProbed = false;
    if (!(runMs >= 0)) return;
    if (isQuick) {
      this.#predictedCost = null;
      this.run.jump(cost, runMs);
      if (busyMs >= 0) this.busy?.jump(cost, busyMs);
      this.#probeEveryMs = CONFIRMED_MS;
    } else {
      const longestMs = Math.max(CONFIRMED_MS, runMs * MAX_PROBE_RUNS);
      this.#probeEveryMs = Math.min(this.#probeEveryMs * 2, longestMs);
    }
    this.#probeAtMs = nowMs + this.#probeEveryMs;
  }

  save(kind: string | undefined, nowMs: number): SavedKind {
    const { error, postMs, isAsync, ranAlone } = this;
    const ageMs = nowMs - this.learnedAtMs;
    const busy = this.busy?.save() ?? null;
    const saved = { kind, run: this.run.save(), busy, ageMs, error, postMs, isAsync };
    return this.batches === null ? saved : { ...saved, batches: this.batches.save(), ranAlone };
  }

  /** The record that was saved; `null` if it is damaged. */
  static load(saved: unknown, nowMs: number): KindRecord | null {
    const { run, busy, ageMs, error, postMs, isAsync, batches = null, ranAlone = true } =
      (saved ?? {}) as Partial<SavedKind>;
    const record = new KindRecord();
    const loaded = Curve.load(run);
    if (loaded === null || typeof isAsync !== "boolean" || typeof ranAlone !== "boolean") {
      return null;
    }
    record.run = loaded;
    record.isAsync = isAsync;
    record.ranAlone = ranAlone;
    if (batches !== null && (record.batches = BatchTimes.load(batches)) === null) return null;
    if (busy !== null && (record.busy = Curve.load(busy)) === null) return null;
    const numbers = [ageMs, error, postMs].map((value) => value ?? NaN);
    if (!numbers.every((value) => isWithin(value, SANE) || Number.isNaN(value))) return null;
    [record.learnedAtMs, record.error, record.postMs] = numbers;
    record.learnedAtMs = nowMs - record.learnedAtMs;
    return record;
  }
}

function smoothed(mean: number, value: number): number {
  return mean >= 0 ? mean + (value - mean) * SMOOTHING : value;
}

/** Nearly the longest run, but never longer than was seen at any cost; `NaN` after a single run. */
function longestMs({ spread, factor, isBeyond }: Place): number {
  if (spread.count < MIN_RUNS) return NaN;
  return spread.nearlyLongestMs * (isBeyond ? Math.min(1, factor) : factor);
}
