import {
  checkMs,
  checkPriority,
  checkProgress,
  checkScaling,
  checkTransfer,
  type SubmitOptions,
} from "./hints.ts";

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
}

/**
 * What a job may take, by its options and its kind.
 *
 * @throws {InvalidHintError} If an option is out of range.
 */
export function limitsOf(
  kind: { readonly name: string; readonly limits: Limits },
  options: SubmitOptions,
): Limits {
  const { name, limits } = kind;
  const { scalingPotential, latencyBudgetMs, priority, runTimeoutMs } = options;
  if (options.onProgress !== undefined) checkProgress(name, options.onProgress);
  if (options.transfer !== undefined) checkTransfer(name, options.transfer);
  return {
    scalingPotential: scalingPotential === undefined
      ? limits.scalingPotential
      : checkScaling(name, scalingPotential),
    latencyBudgetMs: latencyBudgetMs === undefined
      ? limits.latencyBudgetMs
      : checkMs(name, "latencyBudgetMs", latencyBudgetMs),
    priority: priority === undefined ? limits.priority : checkPriority(name, priority),
    runTimeoutMs: runTimeoutMs === undefined
      ? limits.runTimeoutMs
      : checkMs(name, "runTimeoutMs", runTimeoutMs),
  };
}
