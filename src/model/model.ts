import { TRUSTED } from "./curve.ts";
import { MachineSpeed } from "./machine_speed.ts";
import { KindRecord, type SavedKind } from "./kind_record.ts";
import { BatchTimes } from "./batch_times.ts";
import type { KindIndex, Model, Prediction, ProbeResult } from "./prediction.ts";

/** How sure one must be that a job ends in time. */
const SURE = 0.8;

/**
 * Share of the workers' time that probes may take from others, and for how long what is not used is kept, in ms.
 * What runs while a worker idles takes nothing from others.
 */
const PROBE_SHARE = 0.02;
const PROBE_CREDIT_MS = 10_000;

/**
 * What is known of the batches of a kind: until there was one, that they save nothing. Times in ms; `NaN` while
 * nothing is known.
 */
export interface BatchPrediction {
  /** The part of a batch's run time that does not go with its jobs. */
  readonly fixedMs: number;
  /** What a job of this cost adds to it. */
  readonly itemMs: number;
  /** What such a job takes alone, if any has run alone. */
  readonly aloneMs: number;
  /** Number of batches that this rests on. */
  readonly runs: number;
  /** From when on batches may be tried though they do not pay, on the router's clock. */
  readonly tryAtMs: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What it has to know of the router. */
interface Surroundings {
  readonly nowMs: number;
  readonly cpuParallelism: number;
  readonly poolRunning: number;
}

/** Learns the run times of kinds: see {@linkcode Model}. */
export class RunTimeModel implements Model {
  /** The load, once there is one. */
  time: Surroundings = { nowMs: 0, cpuParallelism: 1, poolRunning: 0 };
  readonly #machine = new MachineSpeed();
  /** From when on probes have taken no more than their share. */
  #probesPaidAtMs = -Infinity;
  readonly #records: KindRecord[];
  readonly #batch: Mutable<BatchPrediction> = {
    fixedMs: NaN,
    itemMs: NaN,
    aloneMs: NaN,
    runs: 0,
    tryAtMs: 0,
  };

  /** Creates a model of `kinds` kinds that has learned nothing yet. */
  constructor(kinds: number) {
    this.#records = Array.from({ length: kinds }, () => new KindRecord());
  }

  /** What was learned about the kinds, by these names: of times, how long ago they were. */
  save(names: readonly string[], nowMs: number): SavedKind[] {
    return this.#records.map((record, index) => record.save(names[index], nowMs));
  }

  /** Restores what was saved, all or nothing; returns whether it could. Its estimates may be probed. */
  load(saved: unknown, names: readonly string[], nowMs: number): boolean {
    if (!Array.isArray(saved)) return false;
    const records = saved.map((one) => KindRecord.load(one, nowMs));
    if (records.includes(null)) return false;
    names.forEach((name, index) => {
      const place = saved.findIndex(({ kind }) => kind === name);
      if (place >= 0) this.#records[index] = records[place]!;
    });
    return true;
  }

  predict({ index }: KindIndex, cost: number): Prediction {
    const record = this.#records[index];
    const prediction = record.predict(cost);
    prediction.ageMs = this.time.nowMs - record.learnedAtMs;
    const { probeAtMs } = record;
    const paidAtMs = this.#probesPaidAtMs;
    prediction.probeAtMs = probeAtMs >= paidAtMs || this.#hasIdleWorker() ? probeAtMs : paidAtMs;
    return prediction;
  }

  needsMs({ index }: KindIndex, cost: number, withinMs: number): number {
    const place = this.#records[index].run.at(cost);
    if (place === null) return NaN;
    const { spread, factor } = place;
    // A spread so narrow that it makes no difference.
    if (spread.highMs < 1.2 * spread.lowMs) return spread.highMs * factor;
    return spread.quantileMs(SURE * spread.shareWithin(withinMs / factor)) * factor;
  }

  leftMs({ index }: KindIndex, cost: number, hadMs: number): number {
    const place = this.#records[index].run.at(cost);
    return place === null ? NaN : place.spread.leftMs(hadMs / place.factor) * place.factor;
  }

  /** Share of the runs at a cost that take so long at most, 0 to 1; `NaN` while nothing is known. */
  shareWithin({ index }: KindIndex, cost: number, ms: number): number {
    const place = this.#records[index].run.at(cost);
    return place === null ? NaN : place.spread.shareWithin(ms / place.factor);
  }

  /** Variance of the run times at a cost, in ms²; `NaN` while nothing is known. */
  variance({ index }: KindIndex, cost: number): number {
    const place = this.#records[index].run.at(cost);
    return place === null ? NaN : place.spread.variance * place.factor * place.factor;
  }

  /** How long a run blocks this thread, near the longest, in ms: only `busyMs` of the prediction. */
  busyMs({ index }: KindIndex, cost: number): number {
    const record = this.#records[index];
    const place = record.busyCurve.at(cost);
    return place === null ? NaN : record.boundMs(place);
  }

  /** Expected time that a run blocks this thread, in ms: never above {@linkcode busyMs}, and `NaN` while that is. */
  expectedBusyMs({ index }: KindIndex, cost: number): number {
    const record = this.#records[index];
    const place = record.busyCurve.at(cost);
    return place === null
      ? NaN
      : Math.min(place.spread.meanMs * place.factor, record.boundMs(place));
  }

  /** How long runs of a kind take, whatever their cost, in ms; `NaN` while nothing is known. */
  meanMs({ index }: KindIndex): number {
    return this.#records[index].meanMs;
  }

  /** Whether fewer runs of a kind were seen: by default, so few that the first count, which take longer than others. */
  isNew({ index }: KindIndex, runs: number = TRUSTED): boolean {
    return this.#records[index].run.runs < runs;
  }

  /** Only `typicalMs` of the prediction. */
  typicalMs({ index }: KindIndex, cost: number): number {
    const place = this.#records[index].run.at(cost);
    return place === null ? NaN : place.spread.meanMs * place.factor;
  }

  /** Whether a run that completed, other than as a probe or in a batch, need not be learned from. */
  skips({ index }: KindIndex, runMs: number): boolean {
    return this.#records[index].skips(runMs, this.time.nowMs);
  }

  /**
   * Learns from a run that completed.
   *
   * @param kind The job's kind.
   * @param cost Cost of the job; `NaN` if unknown.
   * @param runMs Run time, in ms.
   * @param busyMs Time of that in which it kept its thread busy; `NaN` if unknown.
   * @param nowMs When it ended, on the router's clock.
   * @returns Run time minus prediction, in ms; `NaN` for a kind's first run.
   */
  learn(kind: KindIndex, cost: number, runMs: number, busyMs: number, nowMs: number): number {
    const record = this.#records[kind.index];
    record.runsAlone();
    const typicalMs = this.typicalMs(kind, cost);
    if (typicalMs === typicalMs) record.learnError(runMs, typicalMs);
    const factor = record.learn(cost, runMs, busyMs, nowMs);
    if (factor !== 1) this.#changed(kind.index, factor, record.changedAtMs);
    return runMs - typicalMs;
  }

  /** If the machine has changed its speed, so have the kinds of which no run has told otherwise since. */
  #changed(kind: number, factor: number, atMs: number): void {
    const sinceMs = this.#machine.changed(kind, factor, atMs);
    for (const record of this.#records) {
      if (record.mayFollow(factor, sinceMs)) record.follow(factor);
    }
  }

  /** Learns that a run that did not complete kept its thread busy for `busyMs`, at least. */
  learnAtLeast(kind: KindIndex, cost: number, busyMs: number): void {
    const record = this.#records[kind.index];
    record.runsAlone();
    record.learnAtLeast(cost, busyMs);
  }

  /** Predicts batches of a kind with jobs of a cost: one object, overwritten by the next call. */
  batch({ index }: KindIndex, cost: number): BatchPrediction {
    const { run, ranAlone, batches } = this.#records[index];
    const place = run.at(cost);
    const aloneMs = place === null ? NaN : place.spread.meanMs * place.factor;
    const batch = this.#batch;
    batch.aloneMs = ranAlone ? aloneMs : NaN;
    batch.runs = batches?.runs ?? 0;
    const isKnown = batches !== null && batch.runs > 0;
    batch.fixedMs = isKnown ? batches.fixedMs : 0;
    batch.itemMs = isKnown ? batches.itemMs(aloneMs) : aloneMs;
    batch.tryAtMs = batches?.tryAtMs ?? 0;
    return batch;
  }

  /**
   * Learns from a batch that has ended.
   *
   * @param costs Costs of its jobs.
   * @param ok Whether it completed; if not, it would have taken so long at least.
   */
  learnBatch(
    kind: KindIndex,
    costs: readonly number[],
    ok: boolean,
    runMs: number,
    busyMs: number,
  ): void {
    const { ranAlone, meanMs } = this.#records[kind.index];
    let workMs = ranAlone ? 0 : NaN;
    for (const cost of costs) workMs += this.typicalMs(kind, cost);
    const batches = this.#batchesOf(kind);
    const aloneMs = ranAlone ? meanMs : NaN;
    if (ok) batches.learn(costs.length, workMs, aloneMs, runMs, busyMs);
    else if (busyMs > 0) batches.learnAtLeast(costs.length, workMs, aloneMs, busyMs);
  }

  /** Learns from a job's share of a batch, which is what is known of a kind that never runs alone. */
  learnShare(kind: KindIndex, cost: number, runMs: number, busyMs: number, nowMs: number): number {
    const typicalMs = this.typicalMs(kind, cost);
    const record = this.#records[kind.index];
    record.learnShare(cost, runMs, busyMs, nowMs);
    return record.ranAlone ? NaN : runMs - typicalMs;
  }

  /** Learns that a share of a batch that did not complete would have been `busyMs`, at least. */
  learnShareAtLeast({ index }: KindIndex, cost: number, busyMs: number): void {
    this.#records[index].learnShareAtLeast(cost, busyMs);
  }

  /** How much of the time of its batches a kind keeps its thread busy, 0 to 1. */
  batchBusyShare({ index }: KindIndex): number {
    return this.#records[index].batches?.busyShare ?? 1;
  }

  /** A batch begins though they do not pay, or are found to pay. */
  triesBatch(kind: KindIndex, pays: boolean, nowMs: number): void {
    const batches = this.#batchesOf(kind);
    if (pays) batches.paid();
    else batches.tried(nowMs);
  }

  #batchesOf({ index }: KindIndex): BatchTimes {
    return this.#records[index].batches ??= new BatchTimes();
  }

  #hasIdleWorker(): boolean {
    return this.time.poolRunning < this.time.cpuParallelism;
  }

  /** A probe has been let through: until it ends, there is no other of its kind. */
  startProbe(kind: KindIndex): void {
    this.#records[kind.index].startProbe(this.#hasIdleWorker());
  }

  /**
   * A probe has ended, and {@linkcode learn} has learned from it if it completed. A quick one
   * replaces the estimate; after a slow one, it takes twice as long until the next.
   */
  endProbe(
    kind: KindIndex,
    cost: number,
    { runMs, busyMs, isQuick }: ProbeResult,
    nowMs: number,
  ): void {
    const record = this.#records[kind.index];
    record.endProbe(cost, runMs, busyMs, isQuick, nowMs);
    if (!(runMs >= 0) || record.isProbeFree) return;
    const costMs = runMs / (PROBE_SHARE * Math.max(1, this.time.cpuParallelism));
    this.#probesPaidAtMs = Math.max(this.#probesPaidAtMs, nowMs - PROBE_CREDIT_MS) + costMs;
  }

  /** Learns that sending an input of a kind to a worker took this thread `ms`. */
  learnPost(kind: KindIndex, ms: number): void {
    this.#records[kind.index].learnPost(ms);
  }
}
