import { hearRejection } from "../thenable.ts";

/** Passes events to listeners. Costs nothing while there are none. */
export class Feed<T> {
  readonly #listenerFailed: (error: unknown) => void;
  /** Whether anyone listens. */
  isHeard = false;
  readonly #listeners = new Set<(told: T) => void>();

  constructor(listenerFailed: (error: unknown) => void) {
    this.#listenerFailed = listenerFailed;
  }

  /** Adds a listener; returns a function that removes it. */
  add(listener: (told: T) => void): () => void {
    this.#listeners.add(listener);
    this.isHeard = true;
    return () => {
      this.#listeners.delete(listener);
      this.isHeard = this.#listeners.size > 0;
    };
  }

  tell(told: T): void {
    for (const listener of this.#listeners) {
      try {
        const answer: unknown = listener(told);
        if (answer !== undefined) hearRejection(answer, this.#listenerFailed);
      } catch (error) {
        this.#listenerFailed(error);
      }
    }
  }
}
