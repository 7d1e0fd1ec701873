import { kernelModule } from "./kernel_module.ts";

/**
 * Mixes the inputs into one 64-bit hash, then stirs it for a time that grows with the cost.
 *
 * Basis and prime of FNV-1a, the 64-bit finaliser of MurmurHash3 after each input, then
 * `max(1, floor(cost / 64))` rounds of rotate, xor and multiply. Bit-identical on every runtime.
 *
 * @param inputs The values to mix, in order, each an unsigned 64-bit integer.
 * @param cost The size of the job, an unsigned 64-bit integer: 64 units are one round.
 * @returns The hash, 0 to 2^64 - 1.
 */
export function hashMix(inputs: readonly bigint[], cost: bigint): bigint {
  const module = kernelModule();
  module.hashStart();
  for (const input of inputs) module.hashAbsorb(input);
  return BigInt.asUintN(64, module.hashFinish(cost));
}

/**
 * Runs the rounds of {@linkcode hashMix} on a 32-bit seed: a calibrated amount of real CPU work.
 *
 * One loop without BigInt; a round is one rotate, xor and multiply (some five clock cycles),
 * whatever the values, so a calibration holds. Warm up before calibrating: the first call may run
 * unoptimized code.
 *
 * @param seed Seed of the initial state, 0 to 2^32 - 1.
 * @param rounds Number of rounds, 0 to 2^32 - 1.
 * @returns The low 32 bits of the state, 0 to 2^32 - 1.
 */
export function hashMixRounds(seed: number, rounds: number): number {
  return kernelModule().hashRounds(seed, rounds) >>> 0;
}
