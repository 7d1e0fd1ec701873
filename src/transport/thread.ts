import type { Movable } from "../movable.ts";

/**
 * What is known of a thread that was terminated: `exit` tells that it has ended (`told`), it has ended
 * for certain (`sure`), or it may go on and nobody would know (`unknown`).
 */
export type Ending = "told" | "sure" | "unknown";

/** A started worker of any runtime; ports are built on it. */
export interface Thread {
  /** Whether `exit` follows an `error`. */
  readonly exitsAfterError: boolean;
  /** What is known of it once it was terminated. */
  readonly ending: Ending;
  /** Whether what is posted is kept until the worker listens. Default: not for certain. */
  readonly keepsMessages?: boolean;
  /** Sends a message. */
  post(message: unknown, transfer?: Movable[]): void;
  /** Terminates the worker, as far as the runtime can. */
  terminate(): void;
  /** Keeps the process alive while the worker runs. */
  ref(): void;
  /** Lets the process exit while the worker runs, where the runtime can. */
  unref(): void;
  /** The worker holds the lock of this name until its thread has ended. */
  holds?(lock: string): void;
  /** Nobody waits for its end any more. */
  release?(): void;
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
