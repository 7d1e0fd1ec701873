import { backOffMs } from "./back_off.ts";

const REFILL_MS = 1_000;

/**
 * How soon a crashed worker is replaced: at once while a token bucket, refilled by one token a
 * second, is not empty; then with a growing back-off, so that a crash loop does not keep the
 * machine busy starting workers.
 */
export class RespawnBudget {
  readonly #size: number;
  #tokens: number;
  #refilledAtMs = 0;
  #delays = 0;

  /** @param size Size of the bucket: crashes in a row that are replaced at once. */
  constructor(size: number) {
    this.#size = size;
    this.#tokens = size;
  }

  /** A worker has crashed: returns the delay before another one is started, in ms. */
  crashed(nowMs: number): number {
    const refill = Math.floor((nowMs - this.#refilledAtMs) / REFILL_MS);
    if (refill > 0) {
      this.#refilledAtMs += refill * REFILL_MS;
      this.#tokens = Math.min(this.#size, this.#tokens + refill);
      if (this.#tokens > 1) this.#delays = 0;
    }
    if (this.#tokens > 0) {
      this.#tokens--;
      return 0;
    }
    return backOffMs(this.#delays++);
  }
}
