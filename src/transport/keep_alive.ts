import type { Clock, Timer } from "../clock.ts";
import type { Thread } from "./thread.ts";

/** Delay from the last call to `unref()`: `ref()` and `unref()` for each call would be costly. */
const LINGER_MS = 2;

/** Keeps the process alive while a worker has calls, but not while it is idle. */
export class KeepAlive {
  readonly #thread: Thread;
  readonly #clock: Clock;
  #isNeeded = true;
  #isHeld = true;
  #timer: Timer | null = null;

  /** `thread` has just been started, and is ref'd. */
  constructor(thread: Thread, clock: Clock) {
    this.#thread = thread;
    this.#clock = clock;
  }

  hold(): void {
    this.#isNeeded = true;
    if (this.#isHeld === true) return;
    this.#isHeld = true;
    this.#thread.ref();
  }

  release(): void {
    this.#isNeeded = false;
    this.#timer ??= this.#clock.setTimer(LINGER_MS, (one) => one.letGo(), this as KeepAlive);
  }

  /** Lets go, if there has been no call since. */
  letGo(): void {
    this.#timer = null;
    if (this.#isNeeded) return;
    this.#isHeld = false;
    this.#thread.unref();
  }

  /** The worker is dead: lets go now. */
  close(): void {
    this.#timer?.cancel();
    this.#isNeeded = false;
    if (this.#isHeld) this.letGo();
  }
}
