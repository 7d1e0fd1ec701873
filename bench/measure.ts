/** One figure. */
export interface Result {
  readonly suite: string;
  readonly contestant: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
}

/** One group of figures. */
export interface Suite {
  readonly name: string;
  readonly run: () => Promise<Result[]>;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? NaN;
}

/** Waits for the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * The median time of one call over `repeats` rounds of `calls` calls, in ns; between two rounds the
 * event loop gets a turn.
 */
export async function medianNs(
  call: (i: number) => unknown,
  calls: number,
  repeats: number,
): Promise<number> {
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    await nextTurn();
    const start = performance.now();
    for (let i = 0; i < calls; i++) call(i);
    times.push((performance.now() - start) * 1e6 / calls);
  }
  return median(times);
}

/** The same for calls that are awaited one after the other. */
export async function medianAwaitedNs(
  call: (i: number) => Promise<unknown>,
  calls: number,
  repeats: number,
): Promise<number> {
  const times: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    await nextTurn();
    const start = performance.now();
    for (let i = 0; i < calls; i++) await call(i);
    times.push((performance.now() - start) * 1e6 / calls);
  }
  return median(times);
}
