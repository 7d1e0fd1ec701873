import {
  type Decision,
  type Drop,
  type JobFacts,
  type Load,
  type Policy,
  thresholdPolicy,
} from "../../mod.ts";
import { nextMoment, type PlayRecord, type Seen } from "./play_record.ts";
import type { Scenario } from "./scenario.ts";

const thresholds = thresholdPolicy();

/** Of the jobs that go as batches, some say how long they may wait for others, and some may not. */
function gathered(decision: Decision, draw: number): Decision {
  if (decision.strategy !== "batch" || draw < 0.3) return decision;
  return { ...decision, gatherMs: draw < 0.7 ? 0 : 3 };
}

/** The threshold policy, which also notes what it is told and holds it against the deadlines. */
export function createPolicy(
  { hasOrder, hasAdmit, meddles }: Scenario,
  { events, waiting }: PlayRecord,
  meddle: (id: number) => void,
): Policy<Map<number, Seen>> {
  const base: Policy<Map<number, Seen>> = {
    name: "observed",
    init: () => events,
    decide: (job, load) => gathered(thresholds.decide(job, load), load.draw(job)),
    observe(_state, { type, job, nowMs }) {
      const deadlineMs = job.submittedAtMs + job.latencyBudgetMs;
      const seen: Seen = events.get(job.id) ?? { deadlineMs, types: [] };
      events.set(job.id, seen);
      const isLate = type === "start" && nowMs > deadlineMs;
      seen.types.push(isLate ? "late start" : type);
      if (isLate) seen.lateMoment ??= nextMoment();
      if (type === "enqueue") waiting.add(job.id);
      else waiting.delete(job.id);
    },
  };
  const admit = (job: JobFacts, load: Load): "run" | Drop => {
    if (meddles) meddle(job.id);
    return load.draw(job) < 0.1 ? { reason: "shed" } : "run";
  };
  return {
    ...base,
    ...(hasOrder ? { order: (job) => -job.priority } : {}),
    ...(hasAdmit ? { admit } : {}),
  };
}
