import { kernelModule } from "./kernel_module.ts";

const LOWEST_LIMIT = 10_000;
const HIGHEST_LIMIT = 250_000;

/**
 * Counts the primes up to the cost, clamped to 10,000 to 250,000.
 *
 * Every call starts from scratch, with the Legendre recurrence over the values `floor(limit / k)`
 * (known from Project Euler as the Lucy_Hedgehog method), which needs about `limit ** 0.75` steps
 * where a sieve needs `limit * ln(ln(limit))`.
 *
 * @param cost The limit, an unsigned 64-bit integer; the count includes it.
 * @returns The number of primes, 1,229 to 22,044.
 */
export function primeCount(cost: bigint): number {
  // Above 2^53 the conversion rounds, far beyond the highest limit.
  const limit = Math.min(Math.max(Number(cost), LOWEST_LIMIT), HIGHEST_LIMIT);
  return kernelModule().countPrimes(limit);
}
