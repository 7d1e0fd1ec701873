import { busyMs } from "./loop_use.ts";
import type { NextTurn } from "../clock.ts";
import type { Clock, Timer } from "../clock.ts";
import { clearTimeout, now, setTimeout, type TimerHandle } from "./kept_time.ts";

/** What the clock needs from the runtime. */
export interface TimeSource {
  /** Schedules a function for the next turn of the event loop. */
  readonly post: NextTurn;
  /** Lets the process exit while a timer, given by its number, is pending. */
  readonly unrefTimer: ((handle: number) => void) | undefined;
  /** Whether timers may have been late though the thread was free: see `Clock`. */
  readonly isThrottled: Clock["isThrottled"];
}

/** The runtime's clock: monotonic, with timers that can be unref'd. */
export function createRealClock(source: TimeSource): Clock {
  return {
    now,
    setTimer<A>(delayMs: number, fn: (arg: A) => void, arg: A): Timer {
      return new RealTimer(setTimeout(fn, delayMs, arg), source.unrefTimer);
    },
    post: source.post,
    busyMs,
    isThrottled: source.isThrottled,
  };
}

class RealTimer implements Timer {
  #handle: TimerHandle;
  #unrefTimer: TimeSource["unrefTimer"];

  constructor(handle: TimerHandle, unrefTimer: TimeSource["unrefTimer"]) {
    this.#handle = handle;
    this.#unrefTimer = unrefTimer;
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }

  unref(): void {
    if (typeof this.#handle === "number") this.#unrefTimer?.(this.#handle);
    else this.#handle.unref?.();
  }
}
