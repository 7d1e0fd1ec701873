import type { Clock } from "../../mod.ts";
import { hashMixRounds } from "./kernels/hash_mix.ts";

const SAMPLE_ROUNDS = 1_000_000;
/** The first calls may run unoptimized code. */
const WARM_UP_CALLS = 3;
const SAMPLES = 15;

/**
 * Measures how many rounds of `hash_mix` this machine runs per millisecond: the median of several
 * samples, after a warm-up. Takes about 30 ms.
 *
 * @param clock The clock to measure by.
 * @returns Rounds per ms, above 0.
 */
export function calibrateRoundsPerMs(clock: Pick<Clock, "now">): number {
  for (let call = 0; call < WARM_UP_CALLS; call++) hashMixRounds(call, SAMPLE_ROUNDS);
  const times = Array.from({ length: SAMPLES }, (_, sample) => {
    const startMs = clock.now();
    hashMixRounds(sample, SAMPLE_ROUNDS);
    return clock.now() - startMs;
  });
  const medianMs = times.sort((a, b) => a - b)[SAMPLES >> 1];
  return SAMPLE_ROUNDS / Math.max(medianMs, 0.001);
}
