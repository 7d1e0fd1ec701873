import type { WorkerCall } from "../src/runtime/port.ts";
import type { WireError } from "./wire_error.ts";

/**
 * What a router and a worker say to each other.
 *
 * ```
 * worker: hello        its script runs
 * router: init         load these modules
 * worker: ready        these kinds are here        (or failed)
 * router: call …       worker: result …
 *                       worker: garbled    a call that cannot be read
 * router: abort, exit  worker: bye
 * ```
 */
export type ToWorker =
  | InitMessage
  | ({ readonly type: "call" } & WorkerCall)
  | { readonly type: "abort"; readonly seq: number }
  | { readonly type: "exit" };

/** First message to a worker. */
export interface InitMessage {
  readonly type: "init";
  /** Job modules to import; an entry that serves its own jobs ignores them. */
  readonly modules: readonly string[];
  /** Shared memory where the number of an aborted call is stored, if the runtime has any. */
  readonly abortFlag: Int32Array | undefined;
}

/** Messages from a worker. A job may post there, too: the prefix tells them from its messages. */
export type FromWorker =
  | { readonly type: "helix.hello" }
  | { readonly type: "helix.ready"; readonly protocol: number; readonly kinds: readonly string[] }
  | { readonly type: "helix.failed"; readonly error: WireError }
  | ResultMessage
  | { readonly type: "helix.garbled" }
  | { readonly type: "helix.bye" };

/** How a call ended. */
export interface ResultMessage {
  readonly type: "helix.result";
  readonly seq: number;
  /** Time the call ran, in ms. */
  readonly runMs: number;
  /** The output, or the outputs of a batch; absent when the call failed. */
  readonly value?: unknown;
  /** What was thrown; absent when the call succeeded. */
  readonly error?: WireError;
  /** Items of a batch that failed, with their places in `value`. */
  readonly itemErrors?: readonly (readonly [place: number, error: WireError])[];
}
