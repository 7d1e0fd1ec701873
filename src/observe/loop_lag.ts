import type { Clock, Timer } from "../clock.ts";
import type { LoadGauges } from "../policy/load.ts";
import { Histogram } from "./histogram.ts";

const INTERVAL_MS = 10;
const DECAY = 0.8;
/** A machine that slept for hours must not cost a long loop on waking. */
const MAX_TICKS = 1_000;

/**
 * Measures how late the event loop is, by a timer that should fire every 10 ms. It runs only while
 * jobs are in flight. A stall counts for each tick it has swallowed, or a blocked loop would look
 * better than a slow one.
 */
export class LoopLag {
  readonly histogram: Histogram = new Histogram();
  readonly #clock: Clock;
  readonly #load: LoadGauges;
  #dueMs = 0;
  #timer: Timer | null = null;

  constructor(clock: Clock, load: LoadGauges) {
    this.#clock = clock;
    this.#load = load;
  }

  /** Begins to measure, if it does not already. */
  start(): void {
    if (this.#timer === null) this.#wait(this.#clock.now());
  }

  /** Ends at once. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#load.loopLagMs = 0;
  }

  /** One tick. Ends by itself when nothing is in flight. */
  tick(): void {
    const nowMs = this.#clock.now();
    const lagMs = Math.max(0, nowMs - this.#dueMs);
    const oldestMs = lagMs - MAX_TICKS * INTERVAL_MS;
    for (let ms = lagMs; ms >= 0 && ms > oldestMs; ms -= INTERVAL_MS) this.histogram.record(ms);
    const smoothed = this.#load.loopLagMs;
    this.#load.loopLagMs = lagMs > smoothed ? lagMs : smoothed * DECAY + lagMs * (1 - DECAY);
    if (this.#load.inFlight > 0) this.#wait(nowMs);
    else this.close();
  }

  #wait(nowMs: number): void {
    this.#dueMs = nowMs + INTERVAL_MS;
    this.#timer = this.#clock.setTimer(INTERVAL_MS, (lag) => lag.tick(), this);
    this.#timer.unref?.();
  }
}
