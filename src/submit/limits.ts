import type { AnyKind } from "../define/jobs.ts";

/** What a job may take; a kind has the defaults for its jobs. */
export interface Limits {
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
}

/** The limits of a kind, with defaults filled in. */
export function limitsOf(kind: AnyKind): Limits {
  return {
    scalingPotential: kind.scaling ?? 0.5,
    latencyBudgetMs: kind.latencyBudgetMs ?? Infinity,
    priority: kind.priority ?? 5,
    runTimeoutMs: kind.runTimeoutMs ?? Infinity,
    concurrency: kind.concurrency ?? Infinity,
    concurrencyPerKey: kind.concurrencyPerKey ?? Infinity,
  };
}
