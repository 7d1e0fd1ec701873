import { Histogram, type Status, STATUSES, STRATEGIES, type Strategy } from "../../../mod.ts";
import { busyMsOf, type LabJob, limitMsOf } from "../workload/lab_job.ts";

/** Counts of some of the jobs of a run. */
export class ClassTally {
  /** Jobs that count. */
  submitted = 0;
  /** Those done in time. */
  inBudget = 0;
  /** Time on a core of the latter, in ms. */
  workMs = 0;
  /** Time on a core of all jobs that completed, in time or not, in ms. */
  doneMs = 0;
  completed = 0;
  /** Sum of total / (time + 1 ms) of the jobs that completed. */
  delays = 0;
  readonly total: Histogram = new Histogram();
  readonly wait: Histogram = new Histogram();
  readonly run: Histogram = new Histogram();
}

/** How the jobs of a run ended, by kind and by class of budget. */
export class JobTally {
  readonly all: ClassTally = new ClassTally();
  readonly byKind: readonly ClassTally[];
  /** By power of two of the budget. */
  readonly byBudget: Map<number, ClassTally> = new Map<number, ClassTally>();
  readonly statuses: Record<Status, number>;
  readonly routed: Record<Strategy, number>;
  readonly dropReasons: Map<string, number> = new Map<string, number>();
  /** How late the event loop took the jobs. */
  readonly lag: Histogram = new Histogram();
  readonly #endMs: number;

  /** @param kinds Number of kinds. @param endMs When the run ends: who could not be done by then does not count. */
  constructor(kinds: number, endMs: number) {
    this.byKind = Array.from({ length: kinds }, () => new ClassTally());
    this.#endMs = endMs;
    this.statuses = Object.fromEntries(STATUSES.map((name) => [name, 0])) as Record<Status, number>;
    this.routed = Object.fromEntries(STRATEGIES.map((name) => [name, 0])) as Record<
      Strategy,
      number
    >;
  }

  /** Whether a job counts: it was due early enough to be done before the end. */
  counts(job: LabJob): boolean {
    return job.atMs + limitMsOf(job) <= this.#endMs;
  }

  /** A job has come, and was taken so much later, in ms. */
  came(job: LabJob, lateMs: number): void {
    this.lag.record(lateMs);
    if (!this.counts(job)) return;
    this.all.submitted++;
    this.byKind[job.kind].submitted++;
    this.#classOf(job).submitted++;
  }

  /** A job was dropped, failed, or was otherwise not done. */
  lost(status: Status, strategy: Strategy, reason: string): void {
    this.statuses[status]++;
    this.routed[strategy]++;
    if (status === "dropped") {
      this.dropReasons.set(reason, (this.dropReasons.get(reason) ?? 0) + 1);
    }
  }

  /** A job has completed, `totalMs` after it was due. */
  done(job: LabJob, strategy: Strategy, totalMs: number, waitMs: number, runMs: number): void {
    this.statuses.completed++;
    this.routed[strategy]++;
    const endedAtMs = job.atMs + totalMs;
    if (!this.counts(job) || endedAtMs > this.#endMs) return;
    const busyMs = busyMsOf(job);
    const isInBudget = totalMs <= limitMsOf(job);
    const delay = totalMs / (busyMs + job.waitMs + 1);
    for (const tally of [this.all, this.byKind[job.kind], this.#classOf(job)]) {
      tally.completed++;
      tally.doneMs += busyMs;
      tally.delays += delay;
      tally.total.record(totalMs);
      tally.wait.record(waitMs);
      tally.run.record(runMs);
      if (!isInBudget) continue;
      tally.inBudget++;
      tally.workMs += busyMs;
    }
  }

  #classOf(job: LabJob): ClassTally {
    const budgetClass = budgetClassOf(job.budgetMs);
    let tally = this.byBudget.get(budgetClass);
    if (tally === undefined) this.byBudget.set(budgetClass, tally = new ClassTally());
    return tally;
  }
}

/** The power of two that a budget, in ms, has reached; `Infinity` without one. */
export function budgetClassOf(budgetMs: number): number {
  if (budgetMs === Infinity) return Infinity;
  let power = 1;
  while (2 * power <= budgetMs) power *= 2;
  while (power > budgetMs) power /= 2;
  return power;
}
