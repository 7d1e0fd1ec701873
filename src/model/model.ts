const SMOOTHING = 1 / 8;
const LARGEST_STEP = 8;
/** Mean deviations by which a slow run exceeds the mean. */
const SLOW = 2;

/** A model's prediction for one job. Times in ms; `NaN` while nothing is known. */
export interface Prediction {
  /** Expected run time: the smoothed mean. */
  readonly typicalMs: number;
  /** Run time that few runs exceed: the mean plus 2 mean deviations. */
  readonly highMs: number;
  /** Number of runs of the kind it was learned from. */
  readonly samples: number;
  /** Time this thread takes to send an input of the kind to a worker: mostly cloning. */
  readonly postMs: number;
}

/** What the router has learned about run times. */
export interface Model {
  /**
   * Predicts the run of a job.
   *
   * @param kind The job's kind, by its index among the router's kinds.
   * @param cost Cost of the job; `NaN` if unknown.
   * @returns The prediction: one object, overwritten by the next call.
   */
  predict(kind: { readonly index: number }, cost: number): Prediction;
}

/** What was learned about one kind. */
interface KindRecord {
  /** Smoothed run time per unit of cost, or per job where the cost is unknown; `NaN` at first. */
  msPerUnit: number;
  /** Smoothed mean deviation from that. */
  deviation: number;
  samples: number;
  postMs: number;
}

/**
 * Learns run times per kind, in proportion to the cost: the smoothed mean and mean deviation of the
 * time per unit of cost, as for TCP retransmission timeouts (Jacobson, "Congestion Avoidance and
 * Control", 1988).
 */
export class RunTimeModel implements Model {
  readonly #records: readonly KindRecord[];
  readonly #prediction = { typicalMs: NaN, highMs: NaN, samples: 0, postMs: NaN };

  /** Creates a model of `kinds` kinds that has learned nothing yet. */
  constructor(kinds: number) {
    this.#records = Array.from({ length: kinds }, () => ({
      msPerUnit: NaN,
      deviation: 0,
      samples: 0,
      postMs: NaN,
    }));
  }

  predict(kind: { readonly index: number }, cost: number): Prediction {
    const { msPerUnit, deviation, samples, postMs } = this.#records[kind.index];
    const units = unitsOf(cost);
    const prediction = this.#prediction;
    prediction.typicalMs = msPerUnit * units;
    prediction.highMs = (msPerUnit + SLOW * deviation) * units;
    prediction.samples = samples;
    prediction.postMs = postMs;
    return prediction;
  }

  /** Only `typicalMs` of the prediction. */
  typicalMs(kind: { readonly index: number }, cost: number): number {
    return this.#records[kind.index].msPerUnit * unitsOf(cost);
  }

  /**
   * Learns from a run.
   *
   * @param kind The job's kind.
   * @param cost Cost of the job; `NaN` if unknown.
   * @param runMs Run time, in ms.
   * @returns Run time minus prediction, in ms; `NaN` for a kind's first run.
   */
  learn(kind: { readonly index: number }, cost: number, runMs: number): number {
    const record = this.#records[kind.index];
    const units = unitsOf(cost);
    const sample = runMs / units;
    const mean = record.msPerUnit;
    record.samples++;
    if (!(mean >= 0)) {
      record.msPerUnit = sample;
      return NaN;
    }
    // Limits outliers: a single pause is not the job's own time.
    const step = mean > 0 ? Math.min(sample, mean * LARGEST_STEP) : sample;
    record.msPerUnit = mean + (step - mean) * SMOOTHING;
    record.deviation += (Math.abs(step - mean) - record.deviation) * SMOOTHING;
    return runMs - mean * units;
  }

  /** Learns that sending an input of a kind to a worker took this thread `ms`. */
  learnPost(kind: { readonly index: number }, ms: number): void {
    const record = this.#records[kind.index];
    record.postMs = record.postMs >= 0 ? record.postMs + (ms - record.postMs) * SMOOTHING : ms;
  }
}

/**
 * A cost of 0 counts as one unit, as an unknown one does. Others are kept within bounds in which no
 * product and no quotient of a run time overflows.
 */
function unitsOf(cost: number): number {
  return cost > 0 ? Math.min(Math.max(cost, 1e-9), 1e15) : 1;
}
