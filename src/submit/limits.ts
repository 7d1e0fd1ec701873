import { PRIORITY, SCALING } from "../define/hint_ranges.ts";
import { TIMER_MS } from "../range.ts";
import { checkHint, checkProgress, checkTransfer, type SubmitOptions } from "./hints.ts";

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
      : checkHint(name, "scalingPotential", scalingPotential, SCALING),
    latencyBudgetMs: latencyBudgetMs === undefined
      ? limits.latencyBudgetMs
      : checkHint(name, "latencyBudgetMs", latencyBudgetMs, TIMER_MS),
    priority: priority === undefined
      ? limits.priority
      : checkHint(name, "priority", priority, PRIORITY),
    runTimeoutMs: runTimeoutMs === undefined
      ? limits.runTimeoutMs
      : checkHint(name, "runTimeoutMs", runTimeoutMs, TIMER_MS),
  };
}
