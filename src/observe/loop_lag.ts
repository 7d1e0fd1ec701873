import type { Clock, Timer } from "../clock.ts";
import type { LoadGauges } from "../policy/load.ts";
import { LoopUse } from "./loop_use.ts";
import { Histogram } from "./histogram.ts";

const INTERVAL_MS = 10;
const DECAY = 0.8;
/** Bounds the loop in `tick()` after the machine has slept for hours. */
const MAX_TICKS = 1_000;

/**
 * Measures event loop lag with a timer that should fire every 10 ms, only while jobs are in flight;
 * runs inside `submit()` that take longer are recorded as they end.
 * A stall counts once per tick it swallowed: otherwise a blocked loop would look better than a slow
 * one (coordinated omission).
 */
export class LoopLag {
  readonly histogram: Histogram = new Histogram();
  readonly #clock: Clock;
  readonly #load: LoadGauges;
  readonly #use: LoopUse;
  #dueMs = 0;
  #timer: Timer | null = null;

  constructor(clock: Clock, load: LoadGauges) {
    this.#clock = clock;
    this.#load = load;
    this.#use = new LoopUse(clock, load);
  }

  /** Starts measuring, if it has not already. */
  start(): void {
    if (this.#timer !== null) return;
    const nowMs = this.#clock.now();
    this.#use.start(nowMs);
    this.#wait(nowMs);
  }

  /** This thread has been blocked for `ms` until now. */
  blocked(ms: number): void {
    if (!(ms > INTERVAL_MS)) return;
    this.#record(ms);
    this.#timer?.cancel(); // or its next tick would record the same again
    const nowMs = this.#clock.now();
    if (this.#timer === null) this.#use.start(nowMs);
    else this.#use.look(nowMs, ms);
    this.#wait(nowMs);
  }

  /** Stops at once. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#load.loopLagMs = 0;
    this.#load.loopUtilization = 0;
  }

  /** One tick. Stops by itself when nothing is in flight. */
  tick(): void {
    const nowMs = this.#clock.now();
    const lagMs = Math.max(0, nowMs - this.#dueMs);
    this.#record(lagMs);
    this.#use.look(nowMs, lagMs);
    if (this.#load.inFlight > 0) this.#wait(nowMs);
    else this.close();
  }

  #record(lagMs: number): void {
    const oldestMs = lagMs - MAX_TICKS * INTERVAL_MS;
    for (let ms = lagMs; ms >= 0 && ms > oldestMs; ms -= INTERVAL_MS) this.histogram.record(ms);
    const smoothed = this.#load.loopLagMs;
    this.#load.loopLagMs = lagMs > smoothed ? lagMs : smoothed * DECAY + lagMs * (1 - DECAY);
  }

  #wait(nowMs: number): void {
    this.#dueMs = nowMs + INTERVAL_MS;
    this.#timer = this.#clock.setTimer(INTERVAL_MS, (lag) => lag.tick(), this);
    this.#timer.unref?.();
  }
}
