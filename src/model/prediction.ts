/**
 * A model's prediction for one job: of runs of its kind at its cost. Times in ms; `NaN` while nothing is
 * known.
 */
export interface Prediction {
  /** Expected run time: the mean. A single run far beyond all others is not in it. */
  readonly typicalMs: number;
  /** Run time that 94 % of the runs do not exceed. */
  readonly highMs: number;
  /**
   * Number of runs at such a cost, to a factor of 2, that this rests on; of the nearest cost of which
   * enough is known where those are fewer than 8. It begins anew when the times have changed.
   */
  readonly samples: number;
  /** Number of runs of the kind that were learned from, at any cost. The first ones are slow, as code still is. */
  readonly runs: number;
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
   * Time that runs keep their thread busy at most, but for one or two of the last 128, or 6 % of asynchronous
   * ones, CPU used or not: until the function returns and, of one that is asynchronous, whenever it goes on
   * after an `await`. What runs after an `await` is measured on workers by Node, elsewhere by how late a timer
   * fires: to a few ms, and on the router's thread shared equally among all runs that are pending, with
   * whatever else the program does there.
   */
  readonly busyMs: number;
  /**
   * Time that half of the runs keep their thread busy at most. On a machine that others use, too, a
   * short run is sometimes measured as a long one: this tells that it is short.
   */
  readonly busyMedianMs: number;
  /** Expected time that a run keeps its thread busy: the mean. */
  readonly busyTypicalMs: number;
  /** Whether the kind is asynchronous: its last run gave its thread free before it ended. */
  readonly isAsync: boolean;
  /**
   * From when a job may run though this prediction rules it out, on the router's clock: no run has
   * confirmed the prediction for a while. `Infinity` while such a probe is in flight.
   */
  readonly probeAtMs: number;
}

/** A job's kind, by its index among the router's kinds. */
export interface KindIndex {
  /** Its index, from 0. */
  readonly index: number;
}

/** What the router has learned about run times. */
export interface Model {
  /**
   * Predicts the run of a job.
   *
   * @param kind The job's kind.
   * @param cost Cost of the job; `NaN` if unknown.
   * @returns The prediction: one object, overwritten by the next call.
   */
  predict(kind: KindIndex, cost: number): Prediction;
  /**
   * Predicts for how long a job must be given a worker so that it is likely to be done.
   *
   * @param kind The job's kind.
   * @param cost Cost of the job; `NaN` if unknown.
   * @param withinMs What it has at most, in ms.
   * @returns Time within which four in five of those runs end that can end within that at all, in ms;
   * `NaN` while nothing is known.
   */
  needsMs(kind: KindIndex, cost: number, withinMs: number): number;
  /**
   * Predicts what is left of a run.
   *
   * @param kind The job's kind.
   * @param cost Cost of the job; `NaN` if unknown.
   * @param hadMs How long it has run, in ms.
   * @returns Mean of what is left of runs that took longer, in ms; `NaN` while nothing is known.
   */
  leftMs(kind: KindIndex, cost: number, hadMs: number): number;
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
