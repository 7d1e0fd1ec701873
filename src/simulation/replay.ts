import type { Clock, Timer } from "../../mod.ts";

/** Options of {@linkcode replay}. */
export interface ReplayOptions {
  /** The clock arrivals are timed by. */
  readonly clock: Clock;
  /** Factor by which the trace is sped up. */
  readonly speed: number;
  /** Ends the replay: no more arrivals. */
  readonly signal: AbortSignal | undefined;
}

/** Something that is due, in ms from the start at speed 1. */
export interface DueJob {
  readonly atMs: number;
}

/** Offers a job to the router, `lateMs` after it was due. */
export type Offer<J extends DueJob> = (job: J, lateMs: number) => void;

/** How long late arrivals share one event loop turn, in ms, before other work gets its turn. */
const ARRIVALS_MS = 2;

/** Longest sleep at a time, in ms: below the maximum delay of a timer. */
const LONGEST_SLEEP_MS = 3_600_000;

/**
 * Offers each job when it is due, and sleeps in between.
 *
 * @param arrivals The jobs, in order of `atMs`.
 * @param options The clock, the speed and the signal.
 * @param offer Takes a job.
 * @returns Resolves after the last job was offered, or the signal aborted.
 */
export function replay<J extends DueJob>(
  arrivals: readonly J[],
  options: ReplayOptions,
  offer: Offer<J>,
): Promise<void> {
  const { clock, speed, signal } = options;
  return new Promise((resolve) => {
    const startMs = clock.now();
    let next = 0;
    let timer: Timer | undefined;
    const end = (): void => {
      timer?.cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const turn = (): void => {
      const turnStartMs = clock.now();
      let nowMs = turnStartMs;
      for (; next < arrivals.length; next++, nowMs = clock.now()) {
        const dueMs = startMs + arrivals[next].atMs / speed;
        if (dueMs > nowMs || nowMs - turnStartMs >= ARRIVALS_MS) {
          const sleepMs = Math.min(Math.max(dueMs - nowMs, 0), LONGEST_SLEEP_MS);
          timer = clock.setTimer(sleepMs, turn, undefined);
          return;
        }
        offer(arrivals[next], nowMs - dueMs);
      }
      end();
    };
    if (signal?.aborted) return end();
    signal?.addEventListener("abort", end);
    turn();
  });
}
