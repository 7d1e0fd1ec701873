import type { Clock, Timer } from "./clock.ts";

/**
 * Ticks come 1 ms apart, and a sixteenth of how long the last run has been pending, up to 8 ms. Of work that
 * begins between two of them, the time from the second one on is seen.
 */
const TICK_SHARE = 16;
const MAX_TICK_MS = 8;
/** By how much a timer may be late on a thread that is idle, in ms. */
const SLACK_MS = 1.5;

/** What of a clock is needed. */
export type TickClock = Pick<Clock, "now" | "setTimer" | "busyMs" | "isThrottled">;

/** What else is known of the thread. */
interface KnownWork {
  /** Time of what kept it busy and is no pending run, in ms. */
  readonly ranHereMs: number;
  /** Ticks go on while this is not 0. */
  readonly inFlight: number;
}

/**
 * Finds out how long runs that have returned a promise keep their thread busy, by how late a timer fires. If
 * several are pending, each counts an equal share: nobody can tell whose work it was. So does work of the
 * program that is no run at all, but not what is known to be something else; nor, where the clock measures how long
 * the thread was busy, that a busy machine has kept it waiting.
 */
export class BusyShares {
  readonly #clock: TickClock;
  readonly #known: KnownWork;
  #pending = 0;
  /** What a run that was pending all the time would have counted, in ms. */
  #shareMs = 0;
  #begunAtMs = 0;
  /** When the tick is due, and what was known then to have kept the thread busy. */
  #dueMs = 0;
  #knownMs = 0;
  /** By the clock, how long the thread had been busy by then. */
  #measuredMs = 0;
  #timer: Timer | null = null;

  constructor(clock: TickClock, known: KnownWork) {
    this.#clock = clock;
    this.#known = known;
  }

  /** A run has returned a promise after `busyMs`; returns a mark to compare with that of `end`. */
  begin(nowMs: number, busyMs: number): number {
    this.#look(nowMs, busyMs);
    this.#pending++;
    this.#begunAtMs = nowMs;
    if (this.#timer === null) this.#wait(nowMs, busyMs);
    return this.#shareMs;
  }

  /** The run is over; by how much the mark is larger now, in ms, it has kept the thread busy since. */
  end(nowMs: number): number {
    this.#look(nowMs, 0);
    if (--this.#pending === 0) this.close();
    return this.#shareMs;
  }

  /** Stops the timer. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** A tick, however late. */
  #tick(): void {
    const nowMs = this.#clock.now();
    this.#look(nowMs, 0);
    this.#timer = null;
    if (this.#known.inFlight > 0) this.#wait(nowMs, 0);
  }

  /** Shares out what has made the tick late; `ranMs` is known and not counted yet. */
  #look(nowMs: number, ranMs: number): void {
    const lateMs = nowMs - this.#dueMs;
    if (this.#timer === null || !(lateMs > SLACK_MS)) return;
    const measuredMs = (this.#clock.busyMs?.() ?? Infinity) - this.#measuredMs;
    const busyMs = Math.min(lateMs, measuredMs) - (this.#known.ranHereMs + ranMs - this.#knownMs);
    const isThrottled = this.#clock.isThrottled?.(this.#dueMs - MAX_TICK_MS) === true;
    if (busyMs > 0 && !isThrottled) this.#shareMs += busyMs / this.#pending;
    this.#expect(nowMs, ranMs);
  }

  #wait(nowMs: number, ranMs: number): void {
    const tickMs = this.#expect(nowMs, ranMs);
    this.#timer = this.#clock.setTimer(tickMs, (shares) => shares.#tick(), this as BusyShares);
    this.#timer.unref?.();
  }

  /** Sets when the next tick is due; returns in how many ms. */
  #expect(nowMs: number, ranMs: number): number {
    const tickMs = Math.min(1 + (nowMs - this.#begunAtMs) / TICK_SHARE, MAX_TICK_MS);
    this.#dueMs = nowMs + tickMs;
    this.#knownMs = this.#known.ranHereMs + ranMs;
    this.#measuredMs = this.#clock.busyMs?.() ?? 0;
    return tickMs;
  }
}
