/** How often the length is noted, in ms. */
const NOTED_MS = 125;
/** By what factor it must have grown since, and how many times in a row: then it is no burst any more. */
const GROWS = 1.03;
const TIMES = 8;
/** The same for what is long already, if its calls need more than this, in ms. */
const GROWS_FAST = 1.3;
const TIMES_FAST = 2;
const LONG_MS = 100;
/** Calls that must have started meanwhile: a queue behind a few long calls grows, too. */
const STARTED = 32;

/**
 * Notices when more comes than can be done: a queue that is not empty, and grows and grows, or has no room,
 * though calls start. Not so one that has to work off a burst, nor one of callers who wait for their last job
 * before they submit the next.
 */
export class Standing {
  #notedAtMs = NaN;
  #noted = 0;
  #grown = 0;
  #grownFast = 0;
  #started = 0;
  /** Whether it has grown fast. It holds until none waits, as does the other. */
  isLong = false;
  /** Whether it has grown for a second: more comes than can be done. */
  isOverload = false;

  /** A call has started. */
  start(): void {
    this.#started++;
  }

  /**
   * The queue has so many calls now, which need so much time, or has no room for more; returns whether it is
   * news that it is long.
   */
  note(length: number, waitMs: number, isFull: boolean, nowMs: number): boolean {
    const before = this.isLong;
    if (length === 0) {
      this.#notedAtMs = NaN;
      this.isLong = this.isOverload = false;
    } else if (!(this.#notedAtMs >= 0)) {
      this.#grown = this.#grownFast = 0;
      this.#started = 0;
      this.#notedAtMs = nowMs;
      this.#noted = length;
    } else if (nowMs - this.#notedAtMs >= NOTED_MS) {
      const growth = isFull ? Infinity : length / this.#noted;
      this.#grown = growth > GROWS ? this.#grown + 1 : 0;
      this.#grownFast = growth > GROWS_FAST && waitMs > LONG_MS ? this.#grownFast + 1 : 0;
      if (this.#started >= STARTED) {
        if (this.#grown >= TIMES) this.isOverload = true;
        if (this.isOverload || this.#grownFast >= TIMES_FAST) this.isLong = true;
      }
      this.#notedAtMs = nowMs;
      this.#noted = length;
    }
    return this.isLong && !before;
  }
}
