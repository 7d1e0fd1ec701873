import type { Policy, PolicyEvent, Strategy } from "../../mod.ts";

export const wish = (strategy: Strategy) => ({ strategy, reason: "wish" });

/** Decides for the strategy that has the place of the job's priority in the list. */
export const WISHES: readonly Strategy[] = [
  "inline",
  "spawn",
  "cpu_pool",
  "batch",
  "backpressure_drop",
];

export const byPriority: Policy = { name: "wishes", decide: (job) => wish(WISHES[job.priority]) };

/** The same, and keeps what it is told. */
export function observing(extra: Partial<Policy<PolicyEvent[]>> = {}) {
  const events: PolicyEvent[] = [];
  const policy: Policy<PolicyEvent[]> = {
    name: "observing",
    init: () => events,
    decide: (job) => wish(WISHES[job.priority]),
    observe: (state, event) => void state.push(event),
    ...extra,
  };
  const of = (id: number) =>
    events.filter((event) => event.job.id === id).map((event) => event.type).join(" ");
  return { policy, events, of };
}
