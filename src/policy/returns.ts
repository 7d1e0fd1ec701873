/** Longest advice to wait before a retry, in ms. */
export const MAX_RETURN_MS = 60_000;

/**
 * Share by which those who come back are further apart than places are freed: what is known of run times
 * is not exact, and who finds no place has to come a third time.
 */
const SPARE = 1.25;

/**
 * Says when to come back to a crowd for which there is no room: to each of them at a time of its own, one after
 * the other as places are freed. Told the same time, all of them would find room for a few, again and
 * again. Those for whom a minute is too short come when it is over, and are told again.
 */
export class Returns {
  /** When the last one who was told comes back, on the router's clock, in ms. */
  #lastAtMs = -Infinity;

  /**
   * Tells one more.
   *
   * @param nowMs The time, on the router's clock.
   * @param drainMs Time until all that waits has started, in ms.
   * @param waiting How many wait.
   * @param stuckMs Time before which nothing is expected to start, in ms.
   * @returns When to come back, in whole ms from now, 1 to {@linkcode MAX_RETURN_MS}.
   */
  next(nowMs: number, drainMs: number, waiting: number, stuckMs: number): number {
    const apartMs = SPARE * drainMs / Math.max(1, waiting);
    const soonMs = nowMs + Math.max(drainMs, stuckMs);
    const wantedMs = Math.max(soonMs, this.#lastAtMs + apartMs);
    this.#lastAtMs = Math.min(wantedMs, nowMs + MAX_RETURN_MS);
    return Math.max(1, Math.ceil(this.#lastAtMs - nowMs));
  }
}
