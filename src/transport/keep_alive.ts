import type { Thread } from "./thread.ts";

/** Delay from the last call to `unref()`: `ref()` and `unref()` for each call would be costly. */
const LINGER_MS = 2;

/** Keeps the process alive while a worker has calls, but not while it is idle. */
export class KeepAlive {
  readonly #thread: Thread;
  #isNeeded = true;
  #isHeld = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `thread` has just been started, and is ref'd. */
  constructor(thread: Thread) {
    this.#thread = thread;
  }

  hold(): void {
    this.#isNeeded = true;
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#thread.ref();
  }

  release(): void {
    this.#isNeeded = false;
    this.#timer ??= setTimeout(() => this.#letGo(), LINGER_MS);
  }

  #letGo(): void {
    this.#timer = undefined;
    if (this.#isNeeded) return;
    this.#isHeld = false;
    this.#thread.unref();
  }
}
