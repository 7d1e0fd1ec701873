/** What a thread's sleep and the wake-up that ends it cost, in ms: a spin may cost as much per call. */
const SLEEP_MS = 0.03;
/** The most that is saved up, in ms: so much may be spun in vain before spinning is given up. */
const MOST_MS = 0.5;
/** What a probe may cost, in ms: the first calls after a pause come by a wake-up, and so late. */
const PROBE_MS = 0.1;
/** After spins that did not pay, so many chances to spin are passed over, and twice as many each time. */
const FIRST_SKIPS = 2;
const MOST_SKIPS = 128;

/**
 * Decides whether spinning pays. On a machine with other work to do it does not: the other side
 * waits for a core, too, and each spin delays it. What was spun is weighed against what the calls
 * that came would have cost by sleeping; once more was spun, spinning pauses, with rare probes.
 */
export class SpinBudget {
  #savedMs = MOST_MS;
  #isFull = true;
  #skips = 0;
  #nextSkips = FIRST_SKIPS;

  /** Whether to spin this time. */
  take(): boolean {
    if (this.#skips === 0) return true;
    this.#skips--;
    return false;
  }

  /** A spin took `ms`, and brought so many calls, or results. */
  spend(ms: number, calls: number): void {
    const gainMs = calls * SLEEP_MS - ms;
    if (this.#isFull && gainMs >= 0) return;
    const savedMs = this.#savedMs + gainMs;
    this.#isFull = savedMs >= MOST_MS;
    if (this.#isFull) {
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
