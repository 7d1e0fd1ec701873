import type { DemoKinds } from "./jobs.ts";

/** Size class of a job by its nominal service time: below 1 ms, up to 5 ms, above. */
export type ServiceClass = "small" | "medium" | "large";

/** The size classes, smallest first. */
export const SERVICE_CLASSES: readonly ServiceClass[] = ["small", "medium", "large"];

// The kernels' specification gives these, for native code on one machine: 2.4 µs for hash_mix at
// 120,000, 62 µs for prime_count at 80,000, 124 µs for the 5,000 samples of monte_carlo_risk.
const HASH_MIX_NS = 2_400 / 120_000;
const PRIME_COUNT_NS = 62_000 / 80_000;
const RISK_SAMPLE_NS = 124_000 / 5_000;

/** Nominal time of one unit of cost of `llm_request`; replays are calibrated to it. */
export const LLM_UNIT_NS = 50;

/**
 * The nominal time of a job: the unit in which goodput is counted, the same on every machine.
 *
 * @param kind The kind.
 * @param cost Its cost, in units of the kind.
 * @returns The nominal service time, in ms.
 */
export function nominalServiceMs(kind: keyof DemoKinds, cost: number): number {
  return nominalServiceNs(kind, cost) / 1e6;
}

function nominalServiceNs(kind: keyof DemoKinds, cost: number): number {
  switch (kind) {
    case "hash_mix":
      return cost * HASH_MIX_NS;
    case "prime_count":
      return between(cost, 10_000, 250_000) * PRIME_COUNT_NS;
    case "monte_carlo_risk":
      return between(Math.floor(cost / 200), 5_000, 50_000) * RISK_SAMPLE_NS;
    case "llm_request":
      return cost * LLM_UNIT_NS;
  }
}

function between(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

/** The size class of a job by its nominal service time. */
export function serviceClassOf(nominalMs: number): ServiceClass {
  if (nominalMs < 1) return "small";
  return nominalMs <= 5 ? "medium" : "large";
}
