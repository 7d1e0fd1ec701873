import type { Arrival } from "./arrival.ts";
import type { DemoInput } from "./demo_input.ts";
import { type DrawInteger, randomIntegers } from "./random.ts";
import { nominalServiceMs } from "./service_time.ts";

/** Options of {@linkcode createWorkload}. */
export interface WorkloadOptions {
  /** Number of jobs. */
  readonly jobs: number;
  /** Seed of the workload, 0 to 2^32 - 1. */
  readonly seed: number;
}

/** The kinds of the workload, their share in ten thousandths, and their range of cost. */
const MIX = [
  { kind: "prime_count", share: 5_500, minCost: 2_000, maxCost: 80_000 },
  { kind: "hash_mix", share: 3_375, minCost: 500, maxCost: 120_000 },
  { kind: "monte_carlo_risk", share: 1_125, minCost: 20_000, maxCost: 250_000 },
] as const;

/**
 * Generates the synthetic workload: small jobs of three kinds, all due at once. A job depends only
 * on the seed and its number.
 *
 * @param options Number of jobs, and the seed.
 * @returns The jobs, one by one.
 */
export function* createWorkload(options: WorkloadOptions): Generator<Arrival, void, undefined> {
  for (let id = 1; id <= options.jobs; id++) yield createJob(options.seed, id);
}

function createJob(seed: number, id: number): Arrival {
  const draw = randomIntegers(seed, id);
  const { kind, minCost, maxCost } = drawKind(draw);
  const cost = draw(minCost, maxCost);
  const scalingPotential = draw(0, 10_000) / 10_000;
  const latencyBudgetMs = draw(5, 80);
  return {
    atMs: 0,
    kind,
    input: drawInput(draw, id, cost),
    hints: { scalingPotential, latencyBudgetMs },
    nominalMs: nominalServiceMs(kind, cost),
  };
}

function drawKind(draw: DrawInteger): typeof MIX[number] {
  let place = draw(0, 9_999);
  for (const entry of MIX) {
    if (place < entry.share) return entry;
    place -= entry.share;
  }
  return MIX[0];
}

/** Draws the input of a kernel: 2 to 6 values from 0 to 200,000. */
export function drawInput(draw: DrawInteger, id: number, cost: number): DemoInput {
  const inputs = Array.from({ length: draw(2, 6) }, () => BigInt(draw(0, 200_000)));
  return { id: BigInt(id), inputs, cost: BigInt(cost) };
}
