import type { RunTimeModel } from "../model/model.ts";
import type { Job } from "./job.ts";

/** Tells the model of run times how jobs went. */
export class Learner {
  readonly #model: RunTimeModel;

  constructor(model: RunTimeModel) {
    this.#model = model;
  }

  /** Lets a job through to test an estimate by which it would have been refused. */
  probe(job: Job): void {
    job.isProbe = true;
    this.#model.startProbe(job.facts.kind);
  }

  /**
   * A job is over.
   *
   * @returns By how much its run exceeded the prediction, in ms; `NaN` if it failed, or did not run.
   */
  settled(job: Job, nowMs: number): number {
    const errorMs = job.ran ? this.#learn(job, nowMs) : NaN;
    if (job.isProbe) this.#endProbe(job, nowMs);
    return errorMs;
  }

  /** A run that was stopped early would have kept its thread busy for at least as long. */
  outlived({ facts, batchSize }: Job, busyMs: number): void {
    const { kind, computeCost } = facts;
    if (busyMs > 0) this.#model.learnAtLeast(kind, computeCost, busyMs / batchSize);
  }

  #learn({ facts, status, runMs, busyMs, batchSize }: Job, nowMs: number): number {
    const { kind, computeCost } = facts;
    if (status === "completed") {
      return this.#model.learn(kind, computeCost, runMs / batchSize, busyMs / batchSize, nowMs);
    }
    if (busyMs >= 0) this.#model.learnAtLeast(kind, computeCost, busyMs / batchSize);
    return NaN;
  }

  #endProbe(job: Job, nowMs: number): void {
    const { facts, status, ran, batchSize } = job;
    // A run that failed without an end of its own was stopped, or lost with its worker.
    const runMs = ran ? job.runMs / batchSize : status === "failed" ? job.totalMs : NaN;
    const busyMs = ran ? job.busyMs / batchSize : NaN;
    const isQuick = status === "completed" && job.withinBudget;
    this.#model.endProbe(facts.kind, facts.computeCost, { runMs, busyMs, isQuick }, nowMs);
  }
}
