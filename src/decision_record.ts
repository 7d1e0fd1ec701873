import type { Job } from "./job.ts";
import type { Load } from "./load.ts";
import type { Strategy } from "./outcome.ts";
import type { Decision } from "./policy/policy.ts";

/** A decision and the figures it was taken on: enough to explain it, and to take it again. */
export interface DecisionRecord {
  /** Number of the job; with `explain()`, the number it would have had. */
  readonly jobId: number;
  /** Name of the kind. */
  readonly kind: string;
  /** What is done. */
  readonly strategy: Strategy;
  /** Why: the policy's code, or that of the lane that could not take the job. */
  readonly reason: string;
  /** Time the job is expected to wait, in ms, where the policy predicts it. */
  readonly predictedWaitMs: number | undefined;
  /** Time the job is expected to run, in ms, where the policy predicts it. */
  readonly predictedRunMs: number | undefined;
  /** Cost of the job; absent when unknown. */
  readonly computeCost: number | undefined;
  /** Parallel payoff. */
  readonly scalingPotential: number;
  /** Latency budget, in ms; absent when there is none. */
  readonly latencyBudgetMs: number | undefined;
  /** Priority. */
  readonly priority: number;
  /** Name of the policy. */
  readonly policy: string;
  /** The load it was decided under. */
  readonly load: Load;
}

/** Puts down a decision. */
export function toDecisionRecord(
  job: Job,
  { strategy, reason, predictedWaitMs, predictedRunMs }: Decision,
  policy: string,
  load: Load,
): DecisionRecord {
  return {
    jobId: job.id,
    kind: job.kind.name,
    strategy,
    reason,
    predictedWaitMs,
    predictedRunMs,
    computeCost: job.computeCost >= 0 ? job.computeCost : undefined,
    scalingPotential: job.scalingPotential,
    latencyBudgetMs: job.latencyBudgetMs === Infinity ? undefined : job.latencyBudgetMs,
    priority: job.priority,
    policy,
    load,
  };
}
