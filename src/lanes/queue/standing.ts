/** How often the length is noted, in ms, and by what factor it must have grown since. */
const NOTED_MS = 250;
const GROWS = 1.05;
/** How many times in a row it must have grown: then it is no burst any more. */
const TIMES = 4;
/** Calls that must have started meanwhile: a queue behind a few long calls grows, too. */
const STARTED = 32;

/**
 * Notices when more comes than can be done: a queue that is not empty, grows and grows for a second, though
 * calls start. Not so one that has to work off a burst, nor one of callers who wait for their last job before
 * they submit the next.
 */
export class Standing {
  #notedAtMs = NaN;
  #noted = 0;
  #grown = 0;
  #started = 0;
  /** Whether more comes than can be done. It holds until none waits. */
  isOverload = false;

  /** A call has started. */
  start(): void {
    this.#started++;
  }

  /** The queue has so many calls now. */
  note(length: number, nowMs: number): void {
    if (length === 0) {
      this.#notedAtMs = NaN;
      this.isOverload = false;
    } else if (!(this.#notedAtMs >= 0)) {
      this.#grown = 0;
      this.#started = 0;
      this.#notedAtMs = nowMs;
      this.#noted = length;
    } else if (nowMs - this.#notedAtMs >= NOTED_MS) {
      this.#grown = length > GROWS * this.#noted ? this.#grown + 1 : 0;
      if (this.#grown >= TIMES && this.#started >= STARTED) this.isOverload = true;
      this.#notedAtMs = nowMs;
      this.#noted = length;
    }
  }
}
