import type { AnyKind } from "../define/jobs.ts";

/** What a job may take; a kind has the defaults for its jobs. */
export class Limits {
  /** Parallel payoff, 0 to 1. */
  readonly scalingPotential: number;
  /** Time from submit to outcome, in ms. */
  readonly latencyBudgetMs: number;
  /** 0 to 9, 9 first. */
  readonly priority: number;
  /** Time the run may take, in ms. */
  readonly runTimeoutMs: number;
  /** Runs at a time. */
  readonly concurrency: number;
  /** Runs at a time for each key. */
  readonly concurrencyPerKey: number;

  /** Reads the limits of a kind, with defaults filled in. */
  constructor(kind: AnyKind) {
    const { scaling, latencyBudgetMs, priority, runTimeoutMs } = kind;
    this.scalingPotential = scaling ?? 0.5;
    this.latencyBudgetMs = latencyBudgetMs ?? Infinity;
    this.priority = priority ?? 5;
    this.runTimeoutMs = runTimeoutMs ?? Infinity;
    this.concurrency = kind.concurrency ?? Infinity;
    this.concurrencyPerKey = kind.concurrencyPerKey ?? Infinity;
  }
}
