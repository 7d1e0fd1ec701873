import process from "node:process";
import { median } from "./stats.ts";

/** Waits for the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  return sleep(0);
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** CPU time this process has used so far, all its threads together, in µs. */
export function cpuTimeUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
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

/** Times of calls awaited one after the other for `durationMs`, in µs. */
export async function roundTripsUs(
  call: (i: number) => Promise<unknown>,
  durationMs: number,
): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + durationMs;
  let before = performance.now();
  while (before < end) {
    await call(times.length);
    const after = performance.now();
    times.push((after - before) * 1e3);
    before = after;
  }
  return times;
}

/** Keeps `inFlight` calls in flight for `durationMs`. */
export async function keepInFlight(
  call: () => Promise<unknown>,
  inFlight: number,
  durationMs: number,
): Promise<void> {
  const end = performance.now() + durationMs;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) await call();
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

/** What a closed loop did in a stretch of time. */
export interface Flow {
  /** Calls that came back. */
  readonly calls: number;
  /** Time it took, in ms. */
  readonly wallMs: number;
  /** CPU time it took, in µs. */
  readonly cpuUs: number;
}

/** How long {@linkcode steadyFlow} runs. */
export interface FlowPlan {
  /** Time before the first window, in ms. */
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly windows: number;
}

/**
 * Keeps `inFlight` calls in flight and looks at windows of one unbroken flow, so that neither its
 * beginning nor its end is in any of them.
 */
export async function steadyFlow(
  call: () => Promise<unknown>,
  inFlight: number,
  { warmUpMs, windowMs, windows }: FlowPlan,
): Promise<Flow[]> {
  const flows: Flow[] = [];
  let calls = 0;
  let from: { calls: number; ms: number; cpuUs: number } | undefined;
  const startMs = performance.now();
  const look = (): void => {
    const ms = performance.now();
    if (ms < (from === undefined ? startMs + warmUpMs : from.ms + windowMs)) return;
    const cpuUs = cpuTimeUs();
    if (from !== undefined) {
      flows.push({ calls: calls - from.calls, wallMs: ms - from.ms, cpuUs: cpuUs - from.cpuUs });
    }
    from = { calls, ms, cpuUs };
  };
  const lane = async (): Promise<void> => {
    while (flows.length < windows) {
      await call();
      // The clock is read once in 64 calls: on some runtimes it costs a tenth of a microsecond.
      if ((++calls & 63) === 0) look();
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return flows;
}

/** Time from the first of `count` calls made at once to the last answer, in ms. */
export async function burstMs(
  call: (i: number) => Promise<unknown>,
  count: number,
): Promise<number> {
  const start = performance.now();
  await Promise.all(Array.from({ length: count }, (_, i) => call(i)));
  return performance.now() - start;
}
