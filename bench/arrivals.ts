import { moduleUrl } from "./place.ts";
import { startThread } from "./thread.ts";

/** Jobs that arrive by themselves, whether or not the ones before are done. */
export interface ArrivalOptions {
  readonly ratePerS: number;
  readonly durationMs: number;
  readonly seed: number;
}

/** When each job arrives after the start, in ms: a Poisson process. */
export function poissonOffsets({ ratePerS, durationMs, seed }: ArrivalOptions): Float64Array {
  const random = createRandom(seed);
  const offsetsMs: number[] = [];
  let atMs = 0;
  while (true) {
    atMs -= Math.log(1 - random()) * 1e3 / ratePerS;
    if (atMs > durationMs) return Float64Array.from(offsetsMs);
    offsetsMs.push(atMs);
  }
}

/**
 * Calls `arrive` for each job when it is due, told by a thread of its own, and gives the moment
 * that the offsets count from, on this thread's clock. That is taken from the arrival that was told
 * with the least delay, as the clocks of two threads cannot be compared to the microsecond.
 */
export async function replayArrivals(
  offsetsMs: Float64Array,
  arrive: (index: number) => void,
): Promise<number> {
  const thread = await startThread(moduleUrl("jobs/arrivals_worker"));
  let startMs = Infinity;
  let arrived = 0;
  await new Promise<void>((resolve) => {
    thread.listen((count) => {
      const nowMs = performance.now();
      while (arrived < (count as number)) {
        startMs = Math.min(startMs, nowMs - offsetsMs[arrived]);
        arrive(arrived++);
      }
      if (arrived === offsetsMs.length) resolve();
    });
    thread.post(offsetsMs);
  });
  await thread.end();
  return startMs;
}

/** mulberry32: a number from 0 to below 1. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
