import type { Clock } from "../../mod.ts";

// Kept, as tests replace them by fakes.
const { performance, setTimeout, clearTimeout } = globalThis;

/** The clock of the runtime. Its timers keep the program alive: a replay waits on nothing else. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimer<A>(delayMs: number, fn: (arg: A) => void, arg: A) {
    const handle = setTimeout(fn, delayMs, arg);
    return { cancel: () => clearTimeout(handle) };
  },
  post<A>(fn: (arg: A) => void, arg: A) {
    setTimeout(fn, 0, arg);
  },
};
