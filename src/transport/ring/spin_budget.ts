/** Approximate cost of a sleep and the wake-up that ends it, in ms: a spin may cost as much per call. */
const SLEEP_MS = 0.03;
/** Largest balance, in ms: the fruitless spinning that is tolerated before spinning pauses. */
const MOST_MS = 0.5;
/** Balance after a pause, in ms: the first call after it comes by a wake-up, and so late. */
const PROBE_MS = 0.1;
/** Length of a pause, in chances to spin: the first one, doubled each time, and the longest. */
const FIRST_SKIPS = 2;
const MOST_SKIPS = 128;

/**
 * Decides whether spinning pays. On a machine with other work to do it does not: the other side
 * waits for a core, too, and each spin delays it. The time spent spinning is weighed against what sleeping
 * would have cost for the calls that came; once the balance is spent, spinning pauses, with rare probes.
 */
export class SpinBudget {
  #savedMs = MOST_MS;
  #skips = 0;
  #nextSkips = FIRST_SKIPS;

  /** Whether to spin this time. */
  take(): boolean {
    if (this.#skips === 0) return true;
    this.#skips--;
    return false;
  }

  /** Records a spin: how long it took, in ms, and how many calls or results it brought. */
  spend(ms: number, calls: number): void {
    const gainMs = calls * SLEEP_MS - ms;
    if (gainMs >= 0 && this.#savedMs === MOST_MS) return;
    const savedMs = this.#savedMs + gainMs;
    if (savedMs >= MOST_MS) {
      this.#savedMs = MOST_MS;
      this.#nextSkips = FIRST_SKIPS;
    } else if (savedMs >= 0) this.#savedMs = savedMs;
    else {
      this.#savedMs = PROBE_MS;
      this.#skips = this.#nextSkips;
      this.#nextSkips = Math.min(2 * this.#nextSkips, MOST_SKIPS);
    }
  }
}
