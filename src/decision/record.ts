import type { StrategyCost } from "../policy/costs.ts";
import type { LoadFigures } from "../policy/load.ts";
import type { Decision, JobFacts } from "../policy/policy.ts";

/** A decision and the figures it was based on: enough to explain it, and to replay it. */
export interface DecisionRecord extends Decision {
  /** Number of the job; with `explain()`, the number it would have had. */
  readonly jobId: number;
  /** Name of the kind; of an outcome that is `kind.name`. */
  readonly kind: string;
  /** Cost of the job; absent if unknown. */
  readonly computeCost: number | undefined;
  /** Parallel payoff, 0 to 1. */
  readonly scalingPotential: number;
  /** Latency budget, in ms; absent if there is none. */
  readonly latencyBudgetMs: number | undefined;
  /** Priority, 0 to 9. */
  readonly priority: number;
  /** Its key; absent if it has none. */
  readonly key: string | undefined;
  /**
   * Set if the job has waited, and was decided on again, as more is known of its kind by now. It moves to another
   * lane; the reason is that of its first decision.
   */
  readonly moved?: true;
  /** Name of the policy. */
  readonly policy: string;
  /** The load it was based on. */
  readonly load: LoadFigures;
  /** With `explain()`: what each strategy that can run the job is predicted to cost. */
  readonly costs?: readonly StrategyCost[];
  /** With `explain()`, if the policy can tell: why, and why not otherwise, a sentence each. */
  readonly why?: readonly string[];
}

/** Creates the record of a decision. */
export function toDecisionRecord(
  job: JobFacts,
  decision: Decision,
  policy: string,
  load: LoadFigures,
): DecisionRecord {
  const { id, kind, computeCost, scalingPotential, latencyBudgetMs, priority, key } = job;
  return {
    ...decision,
    jobId: id,
    kind: kind.name,
    computeCost: computeCost >= 0 ? computeCost : undefined,
    scalingPotential,
    latencyBudgetMs: latencyBudgetMs === Infinity ? undefined : latencyBudgetMs,
    priority,
    key: key === "" ? undefined : key,
    policy,
    load,
  };
}
