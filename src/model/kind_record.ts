import { isWithin, rangeOf } from "../check.ts";
import { BatchTimes, type SavedBatches } from "./batch_times.ts";
import { Curve, type SavedCurve } from "./curve.ts";

/** Weight of the newest value in what is smoothed. */
const SMOOTHING = 1 / 8;
/** Time that an estimate holds without a run that confirms it, in ms. */
const CONFIRMED_MS = 100;
/** Time between probes, in runs: probes that stay slow take 2 % of a worker at most. */
const MAX_PROBE_RUNS = 50;

/** Of runs up to this, in ms, one of so many is learned from, once so many in a row have been. */
const NO_TIME_MS = 0.01;
const LEARNED_OF = 16;
const WELL_KNOWN = 512;

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

/** What was learned about one kind. */
export class KindRecord {
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
  /** Runs in a row that were over in no time. */
  #inNoTime = 0;
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

  get probeAtMs(): number {
    return this.#isProbed ? Infinity : this.#probeAtMs;
  }

  /**
   * Whether a run need not be learned from: of a kind whose runs are over in no time, and no other lately, most
   * of them, as learning would take longer. (A job that does nothing, submitted and run inline: 240 ns,
   * 600 with each run learned from; Node 20.)
   */
  skips(runMs: number, nowMs: number): boolean {
    this.#inNoTime = runMs > NO_TIME_MS ? 0 : this.#inNoTime + 1;
    if (this.#inNoTime <= WELL_KNOWN) return false;
    this.learnedAtMs = nowMs;
    return this.#inNoTime % LEARNED_OF !== 0;
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
    this.run = new Curve();
    this.busy = null;
    this.error = this.meanMs = NaN;
  }

  /**
   * Learns from a run; `busyMs` is `NaN` if unknown. Returns by what factor runs were found to take longer than
   * before: 1 if they do not.
   */
  learn(cost: number, runMs: number, busyMs: number, nowMs: number): number {
    if (this.run.unusual === 0) this.#newsAtMs = nowMs;
    const factor = this.run.learn(cost, runMs);
    if (factor !== 1) this.changedAtMs = this.#newsAtMs;
    this.meanMs = smoothed(this.meanMs, runMs);
    if (busyMs === busyMs) {
      this.isAsync = busyMs < runMs;
      if (this.isAsync) this.busy ??= new Curve();
      this.busy?.learn(cost, busyMs);
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
    this.busyCurve.follow(factor);
    if (this.busy === null) this.meanMs *= factor;
  }

  /** Learns how far a prediction was off. */
  learnError(runMs: number, typicalMs: number): void {
    const apart = Math.abs(runMs - typicalMs);
    const error = apart === 0 ? 0 : apart / Math.max(runMs, typicalMs);
    this.error = smoothed(this.error, error);
  }

  /** Learns that a run that did not complete kept its thread busy for at least so long. */
  learnAtLeast(cost: number, busyMs: number): void {
    const known = this.busyCurve.at(cost);
    if (known !== null && busyMs < known.spread.medianMs * known.factor) return;
    this.busyCurve.learn(cost, busyMs);
  }

  /** Learns what sending an input took. */
  learnPost(ms: number): void {
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
