import type { ToWorker } from "./protocol.ts";

/** Where a worker takes its calls from: one at a time, in order. */
export interface Desk {
  /** Hears a message about calls. */
  hear(message: ToWorker): void;
  /** A message cannot be read. */
  garbled(): void;
}

/** After this time in one turn the event loop gets a turn: timers, I/O, messages. */
export const SERVE_MS = 2;
