import { isWithin, rangeOf } from "../check.ts";
import { FEW, Fit, type SavedFit } from "./fit.ts";

/** Weight of the newest value in what is smoothed. */
const SMOOTHING = 1 / 16;
/** Time until batches that did not pay are tried again, in ms: at first, and after many tries. */
const TRIED_AGAIN_MS = 100;
const LONGEST_MS = 10_000;
/** By how much closer to the runs a line must be that goes by the work to be preferred. */
const CLOSER = 0.8;

/** What is saved of {@linkcode BatchTimes}. */
export interface SavedBatches {
  readonly byNumber: SavedFit;
  readonly byWork: SavedFit;
  readonly busyShare: number;
  readonly tryEveryMs: number;
}

/**
 * How long `runBatch` of a kind takes: a fixed part, and a part for each job. That is the same for all, or goes
 * with the time that the job would take alone, whichever is closer to what was seen.
 */
export class BatchTimes {
  /** The time of a batch by the number of its jobs, and by the sum of their times alone. */
  #byNumber = new Fit();
  #byWork = new Fit();
  /** Share of the time in which it keeps its thread busy. */
  busyShare = 1;
  /** From when on batches may be tried though they do not pay, and the time between such tries. */
  tryAtMs = 0;
  #tryEveryMs = TRIED_AGAIN_MS;
  /** Whether the next batch tests if they still do not pay: a quick one replaces what is known. */
  #isTried = false;

  /** Batches that this rests on. */
  get runs(): number {
    return this.#byNumber.count;
  }

  get fixedMs(): number {
    return this.#line().fixed;
  }

  /** The part of a job that takes so long alone. */
  itemMs(aloneMs: number): number {
    const line = this.#line();
    return line === this.#byWork ? line.each * aloneMs : line.each;
  }

  #line(): Fit {
    const isByWork = this.#byWork.count >= FEW &&
      this.#byWork.error < CLOSER * this.#byNumber.error;
    return isByWork ? this.#byWork : this.#byNumber;
  }

  /**
   * Learns from a batch.
   *
   * @param size Number of its jobs.
   * @param workMs The sum of what they would take alone; `NaN` if unknown.
   * @param aloneMs What a job takes alone on average, to start with; `NaN` if unknown.
   * @param busyMs How long it kept its thread busy; `NaN` if unknown.
   */
  learn(size: number, workMs: number, aloneMs: number, runMs: number, busyMs: number): void {
    if (this.#isTried && runMs < workMs) {
      this.#byNumber.jump(size, runMs);
      this.#byWork.jump(workMs, runMs);
    }
    this.#isTried = false;
    this.#byNumber.learn(size, runMs, 1, aloneMs);
    if (workMs > 0) this.#byWork.learn(workMs, runMs, aloneMs, aloneMs);
    if (busyMs >= 0 && runMs > 0) {
      this.busyShare += (Math.min(1, busyMs / runMs) - this.busyShare) * SMOOTHING;
    }
  }

  /** Learns that a batch that did not complete would have taken so long at least. */
  learnAtLeast(size: number, workMs: number, aloneMs: number, busyMs: number): void {
    if (this.runs > 0 && busyMs < this.#byNumber.at(size)) return;
    this.learn(size, workMs, aloneMs, busyMs, busyMs);
  }

  /** A batch is tried though they do not pay: the next one only later, and each time later than before. */
  tried(nowMs: number): void {
    this.#isTried = true;
    this.tryAtMs = nowMs + this.#tryEveryMs;
    this.#tryEveryMs = Math.min(2 * this.#tryEveryMs, LONGEST_MS);
  }

  /** Batches pay. */
  paid(): void {
    this.#tryEveryMs = TRIED_AGAIN_MS;
  }

  save(): SavedBatches {
    const { busyShare } = this;
    const [byNumber, byWork] = [this.#byNumber.save(), this.#byWork.save()];
    return { byNumber, byWork, busyShare, tryEveryMs: this.#tryEveryMs };
  }

  /** What was saved; `null` if it is damaged. */
  static load(saved: unknown): BatchTimes | null {
    const { byNumber, byWork, busyShare, tryEveryMs } = (saved ?? {}) as Partial<SavedBatches>;
    const times = new BatchTimes();
    const [number, work] = [Fit.load(byNumber), Fit.load(byWork)];
    if (number === null || work === null) return null;
    if (!isWithin(busyShare, SHARE) || !isWithin(tryEveryMs, TRIES)) return null;
    [times.#byNumber, times.#byWork] = [number, work];
    times.busyShare = busyShare;
    times.#tryEveryMs = tryEveryMs;
    return times;
  }
}

const SHARE = rangeOf(0, 1);
const TRIES = rangeOf(TRIED_AGAIN_MS, LONGEST_MS);
