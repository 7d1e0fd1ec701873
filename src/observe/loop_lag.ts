import type { Clock, Timer } from "../clock.ts";
import type { LoadGauges } from "../policy/load.ts";
import { Histogram } from "./histogram.ts";

const INTERVAL_MS = 10;
const DECAY = 0.8;
/** Weight of a tick in the mean. */
const NEWS = 1 / 16;
/** Time over which the use of the loop is averaged, in ms. */
const WINDOW_MS = 1_000;
/** By how much a timer may be late on a thread that is idle, in ms. */
const SLACK_MS = 2;
/** Bounds the loop in `tick()` after the machine has slept for hours. */
const MAX_TICKS = 1_000;

/**
 * Measures event loop lag with a timer that should fire every 10 ms, only while jobs are in flight, and not while
 * timers are throttled; runs inside `submit()` that take longer are recorded as they end.
 * A stall counts once per tick it swallowed: otherwise a blocked loop would look better than a slow
 * one (coordinated omission).
 */
export class LoopLag {
  readonly histogram: Histogram = new Histogram();
  readonly #clock: Clock;
  readonly #load: LoadGauges;
  /** When it started to measure, and up to when it has. */
  #startMs = 0;
  #seenMs = 0;
  /** How long this thread had been busy by then: by the clock, if it measures that, else by runs. */
  #busyMs = 0;
  #dueMs = 0;
  #timer: Timer | null = null;

  constructor(clock: Clock, load: LoadGauges) {
    this.#clock = clock;
    this.#load = load;
  }

  /** Starts measuring, if it has not already. */
  start(): void {
    if (this.#timer !== null) return;
    const nowMs = this.#clock.now();
    this.#startMs = this.#seenMs = nowMs;
    this.#busyMs = this.#measuredMs();
    this.#wait(nowMs);
  }

  /** This thread has been blocked for `ms` until now. */
  blocked(ms: number): void {
    if (!(ms > INTERVAL_MS)) return;
    this.#record(ms);
    this.start();
    this.#timer!.cancel(); // or its next tick would record the same again
    const nowMs = this.#clock.now();
    this.#look(nowMs, ms);
    this.#wait(nowMs);
  }

  /** Stops at once. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#load.loopLagMs = 0;
    this.#load.loopLagMeanMs = 0;
    this.#load.loopUtilization = 0;
  }

  /** One tick. Stops by itself when nothing is in flight. */
  #tick(): void {
    const nowMs = this.#clock.now();
    const isThrottled = this.#clock.isThrottled?.(this.#dueMs - INTERVAL_MS) === true;
    const lagMs = isThrottled ? 0 : Math.max(0, nowMs - this.#dueMs);
    if (isThrottled) this.#smooth(0);
    else this.#record(lagMs);
    this.#look(nowMs, lagMs);
    if (this.#load.inFlight > 0) this.#wait(nowMs);
    else this.close();
  }

  /** The mean over the time so far; after a second, older times count less and less. */
  #look(nowMs: number, lagMs: number): void {
    const measuredMs = this.#measuredMs();
    const spentMs = measuredMs - this.#busyMs;
    const busyMs = lagMs > SLACK_MS ? Math.max(spentMs, lagMs) : spentMs;
    const ms = nowMs - this.#seenMs;
    this.#busyMs = measuredMs;
    this.#seenMs = nowMs;
    if (!(ms > 0)) return;
    const used = this.#load.loopUtilization;
    const weight = Math.min(1, ms / Math.min(WINDOW_MS, nowMs - this.#startMs));
    this.#load.loopUtilization = used + (Math.min(1, busyMs / ms) - used) * weight;
  }

  #measuredMs(): number {
    return this.#clock.busyMs?.() ?? this.#load.ranHereMs;
  }

  #record(lagMs: number): void {
    const oldestMs = lagMs - MAX_TICKS * INTERVAL_MS;
    for (let ms = lagMs; ms >= 0 && ms > oldestMs; ms -= INTERVAL_MS) this.histogram.record(ms);
    this.#smooth(lagMs);
  }

  #smooth(lagMs: number): void {
    this.#load.loopLagMeanMs += (lagMs - this.#load.loopLagMeanMs) * NEWS;
    const smoothed = this.#load.loopLagMs;
    this.#load.loopLagMs = lagMs > smoothed ? lagMs : smoothed * DECAY + lagMs * (1 - DECAY);
  }

  #wait(nowMs: number): void {
    this.#dueMs = nowMs + INTERVAL_MS;
    this.#timer = this.#clock.setTimer(INTERVAL_MS, (lag) => lag.#tick(), this);
    this.#timer.unref?.();
  }
}
