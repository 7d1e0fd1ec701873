// Kept, as tests replace them by fakes.
const { performance, setTimeout } = globalThis;

const INTERVAL_MS = 10;
const DECAY = 0.8;

/** Ticks without a query after which it stops. */
const MAX_IDLE_TICKS = 100;

/**
 * Measures event loop lag, smoothed: rises at once, decays slowly. It starts measuring at the first
 * query, and stops after a second without one. The router's own measurement would not do: it stops
 * while no job is in flight, and the loop may be late because of the rest of the app.
 */
export class LoopWatch {
  #lagMs = 0;
  #dueMs = 0;
  #idleTicks = 0;
  #isOn = false;

  /** The current lag, in ms. */
  lagMs(): number {
    this.#idleTicks = 0;
    const nowMs = performance.now();
    if (!this.#isOn) {
      this.#isOn = true;
      this.#lagMs = 0;
      this.#wait(nowMs);
    }
    // An overdue tick counts even before it has fired.
    return Math.max(this.#lagMs, nowMs - this.#dueMs);
  }

  #tick(): void {
    const nowMs = performance.now();
    const lagMs = Math.max(0, nowMs - this.#dueMs);
    this.#lagMs = lagMs > this.#lagMs ? lagMs : this.#lagMs * DECAY + lagMs * (1 - DECAY);
    this.#isOn = this.#idleTicks++ < MAX_IDLE_TICKS;
    if (this.#isOn) this.#wait(nowMs);
  }

  #wait(nowMs: number): void {
    this.#dueMs = nowMs + INTERVAL_MS;
    const timer: unknown = setTimeout(() => this.#tick(), INTERVAL_MS);
    (timer as { unref?: () => void }).unref?.();
  }
}
