/** A queue that has not been empty for so long, in ms, is no burst any more if it still grows. */
const STANDING_MS = 500;
/** How often its length is noted, in ms, and by what factor it must have grown since. */
const NOTED_MS = 250;
const GROWS = 1.1;

/**
 * Notices when a queue has become a standing one: it grows and grows. Not so one that has to work off a
 * burst, nor one of callers who wait for their last job before they submit the next.
 */
export class Standing {
  #sinceMs = NaN;
  #notedAtMs = 0;
  #noted = 0;
  /** Whether more comes than can be done. It holds until none waits. */
  isOverload = false;

  /** The queue has so many calls now. */
  note(length: number, nowMs: number): void {
    if (length === 0) {
      this.#sinceMs = NaN;
      this.isOverload = false;
      return;
    }
    if (!(this.#sinceMs >= 0)) {
      this.#sinceMs = this.#notedAtMs = nowMs;
      this.#noted = length;
      return;
    }
    if (nowMs - this.#notedAtMs < NOTED_MS) return;
    const grows = length > GROWS * this.#noted;
    if (grows && nowMs - this.#sinceMs >= STANDING_MS) this.isOverload = true;
    this.#notedAtMs = nowMs;
    this.#noted = length;
  }
}
