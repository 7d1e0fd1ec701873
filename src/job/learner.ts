import type { RunTimeModel } from "../model/model.ts";
import { type Blockers, LEAST_MS } from "./blockers.ts";
import type { Call } from "./call.ts";
import type { Job } from "./job.ts";

/** Tells the model of run times how jobs went, and of those that blocked this thread. */
export class Learner {
  readonly #model: RunTimeModel;
  declare readonly blockers: Blockers;

  constructor(model: RunTimeModel, blockers: Blockers) {
    this.#model = model;
    this.blockers = blockers;
  }

  /** Lets a job through to test an estimate by which it would have been refused. */
  probe(job: Job): void {
    job.isProbe = true;
    this.#model.startProbe(job.facts.kind);
  }

  /**
   * A job is over.
   *
   * @returns By how much its run exceeded the prediction, in ms; `NaN` if it did not run, failed, or says nothing new.
   */
  settled(job: Job, nowMs: number): number {
    const errorMs = job.ran === true && !this.#skips(job) ? this.#learn(job, nowMs) : NaN;
    if (job.busyMs > LEAST_MS) this.blockers.ran(job, job.busyMs, job.runMs);
    if (job.isProbe === true) this.#endProbe(job, nowMs);
    return errorMs;
  }

  #skips(job: Job): boolean {
    return job.call === job && job.status === "completed" && job.isProbe === false &&
      this.#model.skips(job.facts.kind, job.runMs);
  }

  /** A run that was stopped early would have kept its thread busy for at least as long. */
  outlived(job: Job, busyMs: number): void {
    if (!(busyMs > 0)) return;
    this.#learnAtLeast(job, busyMs);
    this.blockers.ran(job, busyMs, Infinity);
  }

  /** A batch has ended by itself. */
  ranBatch({ kind, jobs }: Call, ok: boolean, runMs: number, busyMs: number): void {
    const costs = jobs.map(({ facts }) => facts.computeCost);
    this.#model.learnBatch(kind, costs, ok, runMs, busyMs);
  }

  #learn(job: Job, nowMs: number): number {
    const { facts: { kind, computeCost }, status, runMs, busyMs, batchSize } = job;
    if (status === "completed") {
      return job.call.isBatch
        ? this.#model.learnShare(kind, computeCost, runMs / batchSize, busyMs / batchSize, nowMs)
        : this.#model.learn(kind, computeCost, runMs, busyMs, nowMs);
    }
    if (busyMs >= 0) this.#learnAtLeast(job, busyMs);
    return NaN;
  }

  #learnAtLeast({ facts: { kind, computeCost }, call, batchSize }: Job, busyMs: number): void {
    if (call.isBatch) this.#model.learnShareAtLeast(kind, computeCost, busyMs / batchSize);
    else this.#model.learnAtLeast(kind, computeCost, busyMs);
  }

  #endProbe(job: Job, nowMs: number): void {
    const { facts, status, call } = job;
    const ran = job.ran && !call.isBatch; // a batch tells nothing of how long the job takes alone
    // A run that failed without an end of its own was stopped, or lost with its worker.
    const runMs = ran ? job.runMs : status === "failed" && !job.ran ? job.totalMs : NaN;
    const busyMs = ran ? job.busyMs : NaN;
    const isQuick = status === "completed" && job.withinBudget;
    this.#model.endProbe(facts.kind, facts.computeCost, { runMs, busyMs, isQuick }, nowMs);
  }
}
