import type { Thread } from "./thread.ts";

/** So long after its last call a thread still keeps the process alive: letting go each time costs. */
const LINGER_MS = 2;

/** Keeps the process alive while a worker has calls, and not for an idle one. */
export class KeepAlive {
  readonly #thread: Thread;
  #isNeeded = true;
  #isHeld = true;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** A thread that has just been started: it is held. */
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
