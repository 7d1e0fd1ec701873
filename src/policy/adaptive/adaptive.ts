import type { Load } from "../load.ts";
import { type Decision, type JobFacts, type Policy, sharedDecision } from "../policy.ts";
import { isTiny } from "./tiny.ts";

const TINY = sharedDecision("inline", "tiny");
const WAITS = sharedDecision("inline", "mostly_waits");
const UNKNOWN = sharedDecision("cpu_pool", "unknown_time");
const IN_TIME = sharedDecision("cpu_pool", "in_time");
const DOUBTFUL = sharedDecision("cpu_pool", "doubtful");
const PROBE: Decision = Object.freeze({ strategy: "cpu_pool", reason: "probe", isProbe: true });
const NO_MODULE = sharedDecision("spawn", "no_module");
const TOO_LATE = sharedDecision("backpressure_drop", "too_late");
const LOOP_LATE = sharedDecision("backpressure_drop", "loop_late");

/** Decides by what was learned. */
export function adaptivePolicy(): Policy {
  return { name: "adaptive", decide };
}

/** How late the loop may take a job that runs on its thread, as a share of its budget. */
const MOST_LATE = 0.15;

/** Whether the loop has more to do than it can, and is late. */
function isLoopLate({ latencyBudgetMs }: JobFacts, load: Load): boolean {
  return load.loopLagMeanMs > MOST_LATE * latencyBudgetMs;
}

function decide(job: JobFacts, load: Load): Decision {
  const { kind, computeCost } = job;
  const prediction = load.model.predict(kind, computeCost);
  if (!kind.hasModule) return NO_MODULE;
  if (isTiny(prediction, load)) {
    if (isLoopLate(job, load)) return LOOP_LATE;
    return prediction.isAsync ? WAITS : TINY;
  }
  if (!(prediction.typicalMs >= 0)) return UNKNOWN;
  const { probeAtMs } = prediction;
  const { place } = load.outlook("cpu_pool", job);
  if (place === "in_time") return IN_TIME;
  if (load.nowMs >= probeAtMs) return PROBE;
  return place === "doubtful" ? DOUBTFUL : TOO_LATE;
}
