const SMOOTHING = 1 / 8;
const LARGEST_STEP = 8;
/** A slow run takes so many mean deviations more than the mean. */
const SLOW = 2;

/** What a model predicts of one job. Times in ms; `NaN` when nothing is known. */
export interface Prediction {
  /** Time the run takes, on average. */
  readonly typicalMs: number;
  /** Time that few runs exceed. */
  readonly highMs: number;
  /** Runs of the kind that it was learned from. */
  readonly samples: number;
  /** Time that handing an input of the kind to a worker takes this thread: mostly what cloning costs. */
  readonly postMs: number;
}

/** What the router has learned of run times. */
export interface Model {
  /**
   * Predicts the run of a job.
   *
   * @param kind The job's kind, by its place among the router's kinds.
   * @param cost Cost of the job; `NaN` when unknown.
   * @returns The prediction: one object, overwritten by the next call.
   */
  predict(kind: { readonly index: number }, cost: number): Prediction;
}

/** What is learned of one kind. */
interface KindRecord {
  /** Smoothed run time per unit of cost, or per job where the cost is unknown; `NaN` at first. */
  msPerUnit: number;
  /** Smoothed distance from that. */
  deviation: number;
  samples: number;
  postMs: number;
}

/**
 * Learns run times per kind, in proportion to the cost: the smoothed mean and mean deviation of the
 * time per unit of cost, as for the timeouts of TCP (Jacobson, "Congestion Avoidance and Control",
 * 1988).
 */
export class RunTimeModel implements Model {
  readonly #records: readonly KindRecord[];
  readonly #prediction = { typicalMs: NaN, highMs: NaN, samples: 0, postMs: NaN };

  /** Knows nothing of `kinds` kinds. */
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

  /** `typicalMs` of the prediction alone. */
  typicalMs(kind: { readonly index: number }, cost: number): number {
    return this.#records[kind.index].msPerUnit * unitsOf(cost);
  }

  /**
   * Learns from a run.
   *
   * @param kind The job's kind.
   * @param cost Cost of the job; `NaN` when unknown.
   * @param runMs Time it ran, in ms.
   * @returns By how much it took longer than predicted, in ms; `NaN` for a kind's first run.
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
    // One pause must not be taken for the job's own time.
    const step = mean > 0 ? Math.min(sample, mean * LARGEST_STEP) : sample;
    record.msPerUnit = mean + (step - mean) * SMOOTHING;
    record.deviation += (Math.abs(step - mean) - record.deviation) * SMOOTHING;
    return runMs - mean * units;
  }

  /** Learns from an input that took this thread `ms` to hand to a worker. */
  learnPost(kind: { readonly index: number }, ms: number): void {
    const record = this.#records[kind.index];
    record.postMs = record.postMs >= 0 ? record.postMs + (ms - record.postMs) * SMOOTHING : ms;
  }
}

/** A cost of 0 counts as one unit, as an unknown one does. */
function unitsOf(cost: number): number {
  return cost > 0 ? cost : 1;
}
