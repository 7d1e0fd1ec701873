import { defineJobs, type Jobs, type Kind } from "../define/jobs.ts";
import { type DemoInput, demoInput, type DemoValues, roundsInput } from "./demo_input.ts";
import { hashMix, hashMixRounds } from "./kernels/hash_mix.ts";
import { monteCarloRisk } from "./kernels/monte_carlo_risk.ts";
import { primeCount } from "./kernels/prime_count.ts";

/** The kinds of {@linkcode demoJobs}. */
export interface DemoKinds {
  /** Mixes the inputs into a 64-bit hash. */
  readonly hash_mix: Kind<DemoInput, bigint, DemoValues>;
  /** Counts the primes up to the cost; the inputs are ignored. */
  readonly prime_count: Kind<DemoInput, number, DemoValues>;
  /** Value at risk by Monte Carlo. */
  readonly monte_carlo_risk: Kind<DemoInput, number, DemoValues>;
  /** Rounds of `hash_mix`, as a request of a trace. The input is the number of rounds. */
  readonly llm_request: Kind<number, number, number>;
}

/** Rounds that take about as long as one unit of cost of `llm_request`, nominally 50 ns. */
const ROUNDS_PER_UNIT = 32;

const costOf = (input: DemoValues): number => Number(input.cost);
const countPrimes = (input: DemoValues): number => primeCount(input.cost);
const estimateRisk = (input: DemoValues): number =>
  monteCarloRisk(input.id, input.inputs, input.cost);

/**
 * The jobs of the simulation: three exact kernels, and the requests of a trace.
 *
 * @example Usage
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { demoJobs } from "helixrouter/simulation";
 * import assert from "node:assert/strict";
 *
 * const router = await createRouter({ jobs: demoJobs });
 * const count = await router.run("prime_count", { id: 1, inputs: [], cost: "10000" });
 * assert.equal(count, 1_229);
 * await router.close();
 * ```
 */
export const demoJobs: Jobs<DemoKinds> = defineJobs(import.meta.url, {
  hash_mix: {
    input: demoInput,
    cost: costOf,
    idempotent: true,
    run: (input: DemoValues) => hashMix(input.inputs, input.cost),
  },
  prime_count: {
    input: demoInput,
    cost: costOf,
    idempotent: true,
    run: countPrimes,
    runBatch: (inputs: readonly DemoValues[]) => inputs.map(countPrimes),
  },
  monte_carlo_risk: {
    input: demoInput,
    cost: costOf,
    idempotent: true,
    run: estimateRisk,
    runBatch: (inputs: readonly DemoValues[]) => inputs.map(estimateRisk),
  },
  llm_request: {
    input: roundsInput,
    cost: (rounds: number) => rounds / ROUNDS_PER_UNIT,
    idempotent: true,
    run: (rounds: number) => hashMixRounds(1, rounds),
  },
});

export default demoJobs;
