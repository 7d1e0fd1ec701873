/** A model's prediction for one job. Times in ms; `NaN` while nothing is known. */
export interface Prediction {
  /** Expected run time: the smoothed mean. */
  readonly typicalMs: number;
  /** Run time that few runs exceed: the mean plus 2 mean deviations. */
  readonly highMs: number;
  /** Number of runs of the kind it was learned from. */
  readonly samples: number;
  /** Time since a run of the kind was last learned from. */
  readonly ageMs: number;
  /**
   * How far recent predictions for the kind were off, 0 to 1: the difference between prediction and run
   * time, divided by the larger of the two; smoothed over some 8 runs. `NaN` before the second run.
   */
  readonly error: number;
  /** Time this thread takes to send an input of the kind to a worker: mostly cloning. */
  readonly postMs: number;
  /**
   * Time the run keeps its thread busy, CPU used or not: until the function returns and, of one that is
   * asynchronous, whenever it goes on after an `await`. Of a kind that blocks now and then, a time near the
   * longest. What runs after an `await` is measured on workers by Node, elsewhere by how late a timer fires:
   * to a few ms, and on the router's thread shared equally among all runs that are pending, with whatever
   * else the program does there.
   */
  readonly busyMs: number;
  /** Whether the kind is asynchronous: its last run gave its thread free before it ended. */
  readonly isAsync: boolean;
  /**
   * From when a job may run though this prediction rules it out, on the router's clock: no run has
   * confirmed the prediction for a while. `Infinity` while such a probe is in flight.
   */
  readonly probeAtMs: number;
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

/** How a probe ended. */
export interface ProbeResult {
  /** Run time, in ms; for one that was stopped, how long it ran; `NaN` if it did not run. */
  readonly runMs: number;
  /** Time of that in which it kept its thread busy; `NaN` if unknown. */
  readonly busyMs: number;
  /** Whether it ended within its budget: the estimate that ruled it out was wrong. */
  readonly isQuick: boolean;
}
