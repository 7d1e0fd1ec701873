import type { AnyKind } from "../define/jobs.ts";
import type { ToWorker } from "./protocol.ts";
import type { RunTimes } from "./protocol.ts";
import type { Traces } from "./run.ts";
import type { WireError } from "./wire_error.ts";

/** A call as the desk runs it. */
export interface Taken {
  readonly kind: AnyKind | undefined;
  readonly isBatch: boolean;
  readonly payload: unknown;
  readonly traces?: Traces;
  /** Why its payload did not arrive. Default: it did. */
  readonly error?: WireError | undefined;
}

/**
 * How calls reach a worker and results leave it: by messages, or by shared memory. It decides
 * nothing; the desk does. Calls are numbered from 0, and their results are left in that order.
 */
export interface Mailbox {
  /** Receives a message about calls. */
  hear(message: ToWorker): void;
  /** A message could not be deserialized. */
  garbled(): void;
  /** A turn of the desk begins. */
  open(): void;
  /** Takes call number `call`; may wait for it for a moment. `null` if a message has to come first. */
  take(call: number): Taken | null;
  /** Leaves the mark that a call was revoked, and not run. */
  skip(call: number): void;
  /** Leaves what a call returned. */
  succeed(call: number, taken: Taken, value: unknown, times: RunTimes): void;
  /** Leaves why a call failed. */
  fail(call: number, error: WireError, times: RunTimes): void;
  /** Notifies the router of all results left so far. */
  tell(): void;
}
