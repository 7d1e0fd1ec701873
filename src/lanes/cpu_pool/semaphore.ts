/**
 * The permits of the pool: one for each call in progress, job or batch. It never makes anyone
 * wait; the dispatcher asks again when a permit comes back.
 */
export class Semaphore {
  readonly #permits: number;
  #held = 0;

  /** @param permits How many there are, >= 1. */
  constructor(permits: number) {
    this.#permits = permits;
  }

  /** Permits that are out. */
  get held(): number {
    return this.#held;
  }

  /** Takes a permit if there is one. */
  tryAcquire(): boolean {
    if (this.#held >= this.#permits) return false;
    this.#held++;
    return true;
  }

  /** Gives a permit back. */
  release(): void {
    if (this.#held === 0) throw new RangeError("Cannot release permit as none is held");
    this.#held--;
  }
}
