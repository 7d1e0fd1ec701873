import type { Thread } from "./thread.ts";

/** Threads that wait for a core, the one that has had the least first. */
export class ReadyQueue {
  /** Sorted, the first one last. */
  readonly #threads: Thread[] = [];

  get isEmpty(): boolean {
    return this.#threads.length === 0;
  }

  /** What the first one has had, in ms; `Infinity` if none waits. */
  get leastMs(): number {
    return this.#threads.length === 0 ? Infinity : this.#threads[this.#threads.length - 1].hadMs;
  }

  /** Whether a thread that waits is such. */
  some(isSuch: (thread: Thread) => boolean): boolean {
    return this.#threads.some(isSuch);
  }

  /** Adds a thread, behind those that have had as much. */
  add(thread: Thread): void {
    const threads = this.#threads;
    let low = 0;
    let high = threads.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (threads[middle].hadMs > thread.hadMs) low = middle + 1;
      else high = middle;
    }
    threads.splice(low, 0, thread);
  }

  remove(thread: Thread): void {
    const place = this.#threads.indexOf(thread);
    if (place >= 0) this.#threads.splice(place, 1);
  }

  /** Removes the first one. */
  take(): Thread | undefined {
    return this.#threads.pop();
  }
}
