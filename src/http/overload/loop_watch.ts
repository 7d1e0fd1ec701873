const INTERVAL_MS = 10;
const DECAY = 0.8;

/** Ticks without a question after which it rests. */
const MAX_IDLE_TICKS = 100;

/**
 * Tells how late the event loop is, quick to rise and slow to fall. It begins to measure when it is
 * first asked, and rests when it was not asked for a second. The router's own measure would not do:
 * it rests while no job is in flight, and a loop may be late for reasons of the app's own.
 */
export class LoopWatch {
  #lagMs = 0;
  #dueMs = 0;
  #idleTicks = 0;
  #isOn = false;

  /** How late it is now, in ms. */
  lagMs(): number {
    this.#idleTicks = 0;
    const nowMs = performance.now();
    if (!this.#isOn) {
      this.#isOn = true;
      this.#lagMs = 0;
      this.#wait(nowMs);
    }
    // A tick that is overdue would say so if it had its turn.
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
