import type { JobFacts } from "./policy.ts";

/** When the budget of a job is over, on the router's clock, in ms; `Infinity` without one. */
export function deadlineOf({ arrivedAtMs, latencyBudgetMs }: JobFacts): number {
  return arrivedAtMs + latencyBudgetMs;
}
