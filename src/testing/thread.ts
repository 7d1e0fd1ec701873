import type { Due } from "./event_heap.ts";

/** A thread of a modelled machine. */
export interface Thread {
  /** Time on a core alone that it still wants, in ms; `NaN` if it runs without an end that is known. */
  needMs: number;
  /** Time on a core that it has had, in ms, as the kernel weighs it. */
  hadMs: number;
  /** Up to when that is counted, and since when it has its core, in ms. */
  sinceMs: number;
  coreSinceMs: number;
  /** What a core that is always busy had done up to when that is counted, in ms of a core alone. */
  sinceDoneMs: number;
  /** The end of its work, while it runs. */
  end: Due | null;
  /** Whether it keeps its core when its work ends, until it sleeps. */
  readonly keepsCore: boolean;
  /** Its work has ended; gives how long it goes on, in ms, or `NaN` if it sleeps. */
  next(): number;
}
