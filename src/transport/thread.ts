import type { Movable } from "../movable.ts";

/** A started worker of any runtime; ports are built on it. */
export interface Thread {
  /** Whether `exit` is also called for a worker that was terminated. */
  readonly tellsExit: boolean;
  /** Sends a message. */
  post(message: unknown, transfer?: Movable[]): void;
  /** Terminates the worker, as far as the runtime can. */
  terminate(): void;
  /** Keeps the process alive while the worker runs. */
  ref(): void;
  /** Lets the process exit while the worker runs, where the runtime can. */
  unref(): void;
}

/** The events of a worker. */
export interface ThreadEvents {
  /** It sent a message. */
  message(data: unknown): void;
  /** It sent a message that cannot be deserialized. */
  garbled(): void;
  /** It failed and has stopped. */
  error(error: unknown): void;
  /** It has exited. */
  exit(code: number | undefined): void;
}

/** Starts a worker. */
export type StartThread = (events: ThreadEvents) => Thread;
