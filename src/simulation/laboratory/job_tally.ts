import { Histogram, type Status, STATUSES, STRATEGIES, type Strategy } from "../../../mod.ts";
import { busyMsOf, type LabJob, limitMsOf } from "../workload/lab_job.ts";
import { type BudgetClasses, EACH_BUDGET } from "./budget_classes.ts";

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
  /** Jobs that failed, were cancelled or timed out. */
  failed = 0;
  /** Jobs that were dropped, by reason. */
  readonly dropReasons: Map<string, number> = new Map<string, number>();
  /** Sum of total / (time + 1 ms) of the jobs that completed. */
  delays = 0;
  readonly total: Histogram = new Histogram();
  readonly wait: Histogram = new Histogram();
  readonly run: Histogram = new Histogram();

  /** Jobs that had not ended when the run did. */
  get unfinished(): number {
    let unfinished = this.submitted - this.completed - this.failed;
    for (const count of this.dropReasons.values()) unfinished -= count;
    return unfinished;
  }
}

/** How the jobs of a run ended, by kind and by class of budget. */
export class JobTally {
  readonly all: ClassTally = new ClassTally();
  readonly byKind: readonly ClassTally[];
  /** By number of the class of the budget. */
  readonly byBudget: Map<number, ClassTally> = new Map<number, ClassTally>();
  readonly statuses: Record<Status, number>;
  readonly routed: Record<Strategy, number>;
  /** How late the event loop took the jobs. */
  readonly lag: Histogram = new Histogram();
  /** Which budgets are told apart. */
  readonly budgets: BudgetClasses;
  readonly #endMs: number;

  /**
   * @param kinds Number of kinds.
   * @param endMs When the run ends: who could not be done by then does not count.
   * @param budgets Which budgets are told apart. @default {each}
   */
  constructor(kinds: number, endMs: number, budgets: BudgetClasses = EACH_BUDGET) {
    this.budgets = budgets;
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
    for (const tally of this.#talliesOf(job)) tally.submitted++;
  }

  /** A job was dropped, failed, or was otherwise not done. */
  lost(job: LabJob, status: Status, strategy: Strategy, reason: string): void {
    this.statuses[status]++;
    this.routed[strategy]++;
    if (!this.counts(job)) return;
    for (const tally of this.#talliesOf(job)) {
      if (status !== "dropped") tally.failed++;
      else tally.dropReasons.set(reason, (tally.dropReasons.get(reason) ?? 0) + 1);
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
    for (const tally of this.#talliesOf(job)) {
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

  /** Where a job is counted. */
  #talliesOf(job: LabJob): readonly ClassTally[] {
    return [this.all, this.byKind[job.kind], this.#budgetOf(job)];
  }

  #budgetOf(job: LabJob): ClassTally {
    const budgetClass = this.budgets.classOf(job.budgetMs);
    let tally = this.byBudget.get(budgetClass);
    if (tally === undefined) this.byBudget.set(budgetClass, tally = new ClassTally());
    return tally;
  }
}
