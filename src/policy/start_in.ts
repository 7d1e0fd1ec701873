/**
 * When a call starts that has so much before it, in ms from now: the threads share that, as they get free, or will
 * be one, if there are none now. `NaN` if the work is unknown.
 */
export function startInMs(
  aheadMs: number,
  freeInMs: readonly number[],
  threads: number = Math.max(1, freeInMs.length),
): number {
  let sum = aheadMs;
  let least = Infinity;
  for (let i = 0; i < threads; i++) {
    sum += freeInMs[i] ?? 0;
    least = Math.min(least, sum / (i + 1));
  }
  return least;
}
