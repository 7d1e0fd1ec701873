import type { Clock } from "../clock.ts";
import type { LoadGauges } from "../policy/load.ts";

const WINDOW_MS = 1_000;
/** Time between two marks, in ms, at least. */
const MARK_MS = 100;

/** Measures which share of the last second this thread was busy. */
export class LoopUse {
  readonly #clock: Clock;
  readonly #load: LoadGauges;
  /** Times, and how long the thread had been busy by then, in ms: the oldest marks first. */
  #marks: { readonly atMs: number; readonly busyMs: number }[] = [];
  /** Where the clock does not measure it: how long the thread was busy. */
  #seenMs = 0;
  /** What runs had taken when that was looked at last, in ms. */
  #ranMs = 0;

  constructor(clock: Clock, load: LoadGauges) {
    this.#clock = clock;
    this.#load = load;
  }

  /** Starts to measure. */
  start(nowMs: number): void {
    this.#ranMs = this.#load.ranHereMs;
    this.#marks = [{ atMs: nowMs, busyMs: this.#busyMs }];
  }

  /** Some time has passed; a timer fired `lagMs` late at its end. */
  look(nowMs: number, lagMs: number): void {
    const { ranHereMs } = this.#load;
    this.#seenMs += Math.max(ranHereMs - this.#ranMs, lagMs);
    this.#ranMs = ranHereMs;
    const marks = this.#marks;
    const busyMs = this.#busyMs;
    while (marks.length > 1 && nowMs - marks[1].atMs >= WINDOW_MS) marks.shift();
    const spanMs = nowMs - marks[0].atMs;
    if (spanMs > 0) {
      this.#load.loopUtilization = Math.min(1, (busyMs - marks[0].busyMs) / spanMs);
    }
    if (nowMs - marks[marks.length - 1].atMs >= MARK_MS) marks.push({ atMs: nowMs, busyMs });
  }

  get #busyMs(): number {
    return this.#clock.busyMs === undefined ? this.#seenMs : this.#clock.busyMs();
  }
}
