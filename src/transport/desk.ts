import type { ToWorker } from "./protocol.ts";

/** The worker's end of the transport: takes calls one at a time, in order. */
export interface Desk {
  /** Receives a message about calls. */
  hear(message: ToWorker): void;
  /** A message could not be deserialized. */
  garbled(): void;
}

/** Time after which a worker yields to its event loop: to timers, I/O and messages. */
export const SERVE_MS = 2;
