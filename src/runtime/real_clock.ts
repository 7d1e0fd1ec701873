import type { NextTurn } from "../clock.ts";
import type { Clock, Timer } from "../clock.ts";

/** A getter on Node: looked up once. */
const { performance } = globalThis;

type Handle = number | { unref?(): void };

/** What the clock needs of a runtime. */
export interface TimeSource {
  /** Leads to the next turn of the event loop. */
  readonly post: NextTurn;
  /** Lets the process end while a timer known by a number waits. */
  readonly unrefTimer: ((handle: number) => void) | undefined;
}

/** The clock of the runtime: monotonic, with timers that may be unref'd. */
export function createRealClock(source: TimeSource): Clock {
  return {
    now: performance.now.bind(performance),
    setTimer<A>(delayMs: number, fn: (arg: A) => void, arg: A): Timer {
      return new RealTimer(setTimeout(fn, delayMs, arg), source.unrefTimer);
    },
    post: source.post,
  };
}

class RealTimer implements Timer {
  #handle: Handle;
  #unrefTimer: TimeSource["unrefTimer"];

  constructor(handle: Handle, unrefTimer: TimeSource["unrefTimer"]) {
    this.#handle = handle;
    this.#unrefTimer = unrefTimer;
  }

  cancel(): void {
    clearTimeout(this.#handle as number);
  }

  unref(): void {
    if (typeof this.#handle === "number") this.#unrefTimer?.(this.#handle);
    else this.#handle.unref?.();
  }
}
