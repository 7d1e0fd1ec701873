import type { Movable } from "../movable.ts";

/** A started worker, whatever the runtime: what a port is built on. */
export interface Thread {
  /** Whether the end of a terminated worker is reported by `exit`. */
  readonly tellsExit: boolean;
  /** Sends a message. */
  post(message: unknown, transfer?: Movable[]): void;
  /** Puts an end to it, as far as the runtime can. */
  terminate(): void;
  /** Keeps the process alive for it. */
  ref(): void;
  /** No longer keeps the process alive for it, where the runtime can. */
  unref(): void;
}

/** What is heard of a worker. */
export interface ThreadEvents {
  /** It sent a message. */
  message(data: unknown): void;
  /** It sent something that cannot be read. */
  garbled(): void;
  /** It failed and is gone. */
  error(error: unknown): void;
  /** It has ended. */
  exit(code: number | undefined): void;
}

/** Starts a worker. */
export type StartThread = (events: ThreadEvents) => Thread;
