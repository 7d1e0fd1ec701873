import type { Call } from "./call.ts";
import type { Slot } from "../lanes/cpu_pool/slot.ts";

/** What lanes note of a call while it waits, and while a worker has it. */
export class Ticket {
  /** Neighbours in its queue, or in its worker. */
  previous: Call | null = null;
  next: Call | null = null;
  /** Level of the queue it waits in, or place in a queue of the policy's own order; -1 in none. */
  place = -1;
  /** When it joined its queue, on the router's clock; `null` if it never did. */
  queuedAtMs: number | null = null;
  /** Time it is expected to run, in ms; `NaN` when unknown. */
  expectedMs: number = NaN;
  /** Number under which a worker has it. */
  seq = 0;
  /** Set while a worker has it. */
  slot: Slot | null = null;
  /** Whether it is among what waits for the pool. */
  isCounted = false;
  /** Workers that died while it waited in them. */
  deaths = 0;
  /** Whether it is to show if its kind, which has killed workers, still does. */
  isProbe = false;
  /** When its worker is terminated if it still runs though it was aborted, on the router's clock. */
  graceEndsAtMs: number | null = null;
}

/** Of calls that have not waited: most jobs never do, and are the smaller for it. */
export const NO_TICKET: Ticket = Object.freeze(new Ticket());
