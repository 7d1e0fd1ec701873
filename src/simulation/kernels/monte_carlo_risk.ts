import { kernelModule } from "./kernel_module.ts";

const COST_PER_SAMPLE = 200;
const LEAST_SAMPLES = 5_000;
const MOST_SAMPLES = 50_000;

/**
 * Simulates returns and computes their 5 % quantile: value at risk by Monte Carlo.
 *
 * Draws `floor(cost / 200)` samples, clamped to 5,000 to 50,000, with xorshift64* seeded from the
 * id; the inputs set their mean and spread. The sample of the wanted rank is found by selection,
 * without sorting. Bit-identical on every runtime.
 *
 * @param id The number of the job, an unsigned 64-bit integer; the seed.
 * @param inputs The market figures, each an unsigned 64-bit integer; their order matters for the
 * last bits.
 * @param cost The size of the job, an unsigned 64-bit integer: 200 units are one sample.
 * @returns The sample of rank `floor(0.05 * samples)`, 0 being the smallest.
 */
export function monteCarloRisk(id: bigint, inputs: readonly bigint[], cost: bigint): number {
  const module = kernelModule();
  module.riskStart();
  for (const input of inputs) module.riskAbsorb(input);
  // Above 2^53 the conversion rounds, far beyond the cost of the maximum of samples.
  const samples = Math.floor(Number(cost) / COST_PER_SAMPLE);
  return module.riskFinish(id, Math.min(Math.max(samples, LEAST_SAMPLES), MOST_SAMPLES));
}
