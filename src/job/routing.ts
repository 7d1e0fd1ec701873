import type { Prediction } from "../model/prediction.ts";
import type { Decision } from "../policy/policy.ts";

/** What a job was routed on, and when it started; kept only for a policy that observes. */
export interface Routing {
  readonly decision: Decision;
  readonly prediction: Prediction;
  /** When it started to run, on the router's clock; `NaN` while it has not. */
  startedAtMs: number;
}
