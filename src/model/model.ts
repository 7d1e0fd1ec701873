import { isWithin, rangeOf } from "../check.ts";
import type { Model, Prediction, ProbeResult } from "./prediction.ts";

const SMOOTHING = 1 / 8;
const LARGEST_STEP = 8;
/**
 * Weight of a run that blocked for longer than expected, and of one that did not: what blocks now and
 * then, at the same cost, counts as blocking (an expectile; Newey and Powell, "Asymmetric Least
 * Squares Estimation and Testing", 1987).
 */
const BUSY_RISE = 1 / 4;
const BUSY_FALL = 1 / 64;
/** Busy times below this, in ms, are not told apart: a slice is 8 ms, unless it is changed. */
const NEGLIGIBLE_MS = 0.05;
/** Mean deviations by which a slow run exceeds the mean. */
const SLOW = 2;
/** Runs of which the shortest is believed: the first one is often held up. */
const MIN_SAMPLES = 2;
/** Time that an estimate holds without a run that confirms it, in ms. */
const CONFIRMED_MS = 100;
/** Time between probes, in runs: probes that stay slow take 2 % of a worker at most. */
const MAX_PROBE_RUNS = 50;

/** What was learned about one kind. */
interface KindRecord {
  /** Smoothed run time per unit of cost, or per job where the cost is unknown; `NaN` at first. */
  msPerUnit: number;
  /** Smoothed mean deviation from that. */
  deviation: number;
  samples: number;
  /** When a run was last learned from, on the router's clock; `NaN` at first. */
  learnedAtMs: number;
  /** Smoothed relative error of the predictions; `NaN` at first. */
  error: number;
  postMs: number;
  /** Smoothed busy time per unit of cost, near the longest; `NaN` at first. */
  busyMsPerUnit: number;
  busySamples: number;
  /** The longest busy time of a run, and its cost: it falls as runs of that cost or more are shorter. */
  longestBusyMs: number;
  longestBusyUnits: number;
  /** When the estimate may be probed, and the time until then after a run. */
  probeAtMs: number;
  probeEveryMs: number;
  isAsync: boolean;
  isProbed: boolean;
}

/** What a saved number may be: no product of two overflows. */
const SANE = rangeOf(0, 1e15);

function createRecord(): KindRecord {
  return {
    msPerUnit: NaN,
    deviation: 0,
    samples: 0,
    learnedAtMs: NaN,
    error: NaN,
    postMs: NaN,
    busyMsPerUnit: NaN,
    busySamples: 0,
    longestBusyMs: 0,
    longestBusyUnits: 0,
    probeAtMs: 0,
    probeEveryMs: CONFIRMED_MS,
    isAsync: false,
    isProbed: false,
  };
}

/** The record of a kind that was saved, `null` if it is damaged. In JSON, what was `NaN` is `null`. */
function recordOf(saved: Record<string, unknown> | null, nowMs: number): KindRecord | null {
  const record = createRecord();
  const fields = record as unknown as Record<string, unknown>;
  for (const [field, fresh] of Object.entries(fields)) {
    const value = saved?.[field] ?? NaN;
    const isRight = typeof fresh === "boolean"
      ? typeof value === "boolean"
      : isWithin(value, SANE) || Object.is(value, fresh);
    if (!isRight) return null;
    fields[field] = value;
  }
  record.learnedAtMs = nowMs - record.learnedAtMs;
  record.probeAtMs = 0;
  record.probeEveryMs = CONFIRMED_MS;
  record.isProbed = false;
  return record;
}

/**
 * Learns run times per kind, in proportion to the cost: the smoothed mean and mean deviation of the
 * time per unit of cost, as for TCP retransmission timeouts (Jacobson, "Congestion Avoidance and
 * Control", 1988).
 */
export class RunTimeModel implements Model {
  /** What tells the time: the load, once there is one. */
  time: { readonly nowMs: number } = { nowMs: 0 };
  readonly #records: KindRecord[];
  readonly #prediction = {
    typicalMs: NaN,
    highMs: NaN,
    samples: 0,
    ageMs: NaN,
    error: NaN,
    postMs: NaN,
    busyMs: NaN,
    isAsync: false,
    probeAtMs: 0,
  };

  /** Creates a model of `kinds` kinds that has learned nothing yet. */
  constructor(kinds: number) {
    this.#records = Array.from({ length: kinds }, createRecord);
  }

  /** What was learned about the kinds, by these names: of times, how long ago they were. */
  save(names: readonly string[], nowMs: number): object[] {
    return this.#records.map((record, index) => ({
      kind: names[index],
      ...record,
      learnedAtMs: nowMs - record.learnedAtMs,
    }));
  }

  /** Restores what was saved, all or nothing; returns whether it could. Its estimates may be probed. */
  load(saved: unknown, names: readonly string[], nowMs: number): boolean {
    if (!Array.isArray(saved)) return false;
    const records = saved.map((one) => recordOf(one, nowMs));
    if (records.includes(null)) return false;
    names.forEach((name, index) => {
      const place = saved.findIndex(({ kind }) => kind === name);
      if (place >= 0) this.#records[index] = records[place]!;
    });
    return true;
  }

  predict(kind: { readonly index: number }, cost: number): Prediction {
    const record = this.#records[kind.index];
    const { msPerUnit, deviation } = record;
    const units = unitsOf(cost);
    const prediction = this.#prediction;
    prediction.typicalMs = msPerUnit * units;
    prediction.highMs = (msPerUnit + SLOW * deviation) * units;
    prediction.samples = record.samples;
    prediction.ageMs = this.time.nowMs - record.learnedAtMs;
    prediction.error = record.error;
    prediction.postMs = record.postMs;
    prediction.busyMs = busyMsOf(record, units);
    prediction.isAsync = record.isAsync;
    prediction.probeAtMs = record.isProbed ? Infinity : record.probeAtMs;
    return prediction;
  }

  /** Only `busyMs` of the prediction. */
  busyMs(kind: { readonly index: number }, cost: number): number {
    return busyMsOf(this.#records[kind.index], unitsOf(cost));
  }

  /** Only `typicalMs` of the prediction. */
  typicalMs(kind: { readonly index: number }, cost: number): number {
    return this.#records[kind.index].msPerUnit * unitsOf(cost);
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
  learn(
    kind: { readonly index: number },
    cost: number,
    runMs: number,
    busyMs: number,
    nowMs: number,
  ): number {
    const record = this.#records[kind.index];
    const units = unitsOf(cost);
    if (busyMs >= 0) learnBusyIn(record, units, busyMs);
    record.isAsync = busyMs < runMs;
    const sample = runMs / units;
    const mean = record.msPerUnit;
    record.samples++;
    record.learnedAtMs = nowMs;
    record.probeAtMs = nowMs + record.probeEveryMs;
    if (!(mean >= 0)) {
      record.msPerUnit = sample;
      return NaN;
    }
    const error = sample === mean ? 0 : Math.abs(sample - mean) / Math.max(sample, mean);
    record.error = record.error >= 0 ? record.error + (error - record.error) * SMOOTHING : error;
    const step = stepOf(sample, mean);
    record.msPerUnit = mean + (step - mean) * SMOOTHING;
    record.deviation += (Math.abs(step - mean) - record.deviation) * SMOOTHING;
    return runMs - mean * units;
  }

  /** Learns that a run that did not complete kept its thread busy for `busyMs`. */
  learnBusy(kind: { readonly index: number }, cost: number, busyMs: number): void {
    learnBusyIn(this.#records[kind.index], unitsOf(cost), busyMs);
  }

  /** A probe has been let through: until it ends, there is no other of its kind. */
  startProbe(kind: { readonly index: number }): void {
    this.#records[kind.index].isProbed = true;
  }

  /**
   * A probe has ended, and {@linkcode learn} has learned from it if it completed. A quick one
   * replaces the estimate; after a slow one, it takes twice as long until the next.
   */
  endProbe(
    kind: { readonly index: number },
    cost: number,
    { runMs, busyMs, isQuick }: ProbeResult,
    nowMs: number,
  ): void {
    const record = this.#records[kind.index];
    record.isProbed = false;
    if (!(runMs >= 0)) return;
    if (isQuick) {
      const units = unitsOf(cost);
      record.msPerUnit = runMs / units;
      record.deviation = 0;
      if (busyMs >= 0) {
        record.busyMsPerUnit = busyMs / units;
        record.longestBusyMs = Math.min(record.longestBusyMs, busyMs);
      }
      record.probeEveryMs = CONFIRMED_MS;
    } else {
      const longestMs = Math.max(CONFIRMED_MS, runMs * MAX_PROBE_RUNS);
      record.probeEveryMs = Math.min(record.probeEveryMs * 2, longestMs);
    }
    record.probeAtMs = nowMs + record.probeEveryMs;
  }

  /** Learns that sending an input of a kind to a worker took this thread `ms`. */
  learnPost(kind: { readonly index: number }, ms: number): void {
    const record = this.#records[kind.index];
    record.postMs = record.postMs >= 0 ? record.postMs + (ms - record.postMs) * SMOOTHING : ms;
  }
}

function learnBusyIn(record: KindRecord, units: number, busyMs: number): void {
  const isNegligible = busyMs < NEGLIGIBLE_MS && record.longestBusyMs < NEGLIGIBLE_MS;
  if (isNegligible && record.busySamples >= MIN_SAMPLES) return;
  const sample = busyMs / units;
  const mean = record.busyMsPerUnit;
  // By compilation, or by other programs: a shorter one replaces it.
  const isFirst = ++record.busySamples === 1 ||
    (record.busySamples <= MIN_SAMPLES && sample < mean);
  const step = stepOf(sample, mean);
  record.busyMsPerUnit = isFirst
    ? sample
    : mean + (step - mean) * (step > mean ? BUSY_RISE : BUSY_FALL);
  if (isFirst || busyMs >= record.longestBusyMs) {
    record.longestBusyMs = busyMs;
    record.longestBusyUnits = units;
  } else if (units >= record.longestBusyUnits) {
    record.longestBusyMs += (busyMs - record.longestBusyMs) * BUSY_FALL;
  }
}

/**
 * In proportion to the cost, but never longer than measured: a run with a fixed part, learned from
 * cheap jobs, would seem to take an age for a dear one.
 */
function busyMsOf(record: KindRecord, units: number): number {
  const { busyMsPerUnit, busySamples, longestBusyMs } = record;
  if (busySamples < MIN_SAMPLES) return NaN;
  return Math.min(busyMsPerUnit * units, longestBusyMs);
}

/** Limits outliers: a single pause is not the job's own time. */
function stepOf(sample: number, mean: number): number {
  return mean > 0 ? Math.min(sample, mean * LARGEST_STEP) : sample;
}

/**
 * A cost of 0 counts as one unit, as an unknown one does. Others are kept within bounds in which no
 * product and no quotient of a run time overflows.
 */
function unitsOf(cost: number): number {
  return cost > 0 ? Math.min(Math.max(cost, 1e-9), 1e15) : 1;
}
