import type { WorkerCall } from "../worker_call.ts";
import type { RingMemory } from "./ring/ring_memory.ts";
import type { WireError } from "./wire_error.ts";

/**
 * What a router and a worker say to each other.
 *
 * ```
 * worker: hello        its script runs
 * router: init         load these modules
 * worker: ready        these kinds are here, `setup` is done        (or failed)
 *
 * by messages                         by shared memory (`ring/`)
 * router: calls …                     router: mail …        payloads that are not for the ring
 * worker: results …                           wake          look at the ring
 *                                     worker: mail …
 *                                             bell          look at the ring
 * router: abort        worker: progress, heap
 * router: exit         worker: bye
 * ```
 *
 * Calls are known by their number: the how many-th of this worker, from 0.
 */
export type ToWorker =
  | InitMessage
  | { readonly type: "calls"; readonly calls: readonly SentCall[] }
  | {
    readonly type: "mail";
    readonly call: number;
    readonly payload: unknown;
    /** What carries the traces of the call's jobs. */
    readonly traces?: WorkerCall["traces"];
  }
  | { readonly type: "wake" }
  | { readonly type: "abort"; readonly call: number }
  | { readonly type: "exit" };

/** A call that goes by message. */
export interface SentCall extends WorkerCall {
  /** Why its payload could not be sent. */
  readonly error?: WireError;
}

/** First message to a worker. */
export interface InitMessage {
  readonly type: "init";
  /** Job modules to import; an entry that serves its own jobs ignores them. */
  readonly modules: readonly string[];
  /** Names of the kinds, in the order in which the ring numbers them. */
  readonly kinds: readonly string[];
  /** The shared memory, if that is the transport. */
  readonly ring: RingMemory | undefined;
  /** States of the calls by place, if messages are the transport and memory can be shared. */
  readonly states: Int32Array | undefined;
  /** Whether it is to tell how much heap its jobs use. */
  readonly tellsHeap: boolean;
  /** Cores there are: a worker spins only while the awake ones leave one for the router. */
  readonly cores: number;
}

/** Messages from a worker. A job may post there, too: the prefix tells them from its messages. */
export type FromWorker =
  | { readonly type: "helix.hello" }
  | {
    readonly type: "helix.ready";
    readonly protocol: number;
    readonly kinds: readonly string[];
    /** Whether the jobs want to be told before the worker ends. */
    readonly hasTeardown: boolean;
  }
  | { readonly type: "helix.failed"; readonly error: WireError }
  | { readonly type: "helix.results"; readonly results: readonly Result[] }
  | { readonly type: "helix.mail"; readonly call: number; readonly result: Result }
  | { readonly type: "helix.bell" }
  | { readonly type: "helix.progress"; readonly call: number; readonly value: unknown }
  | { readonly type: "helix.heap"; readonly bytes: number }
  | { readonly type: "helix.bye" };

/** How a call ended. Results come in the order of the calls. */
export interface Result {
  /** Time the call ran, in ms. */
  readonly runMs: number;
  /** The output, or the outputs of a batch; absent when the call failed. */
  readonly value?: unknown;
  /** The same as JSON: an object that waits for others must not change meanwhile. */
  readonly json?: string;
  /** What was thrown; absent when the call succeeded. */
  readonly error?: WireError;
  /** Items of a batch that failed, with their places in `value`. */
  readonly itemErrors?: readonly (readonly [place: number, error: WireError])[];
  /** It was revoked, and not run. */
  readonly isSkipped?: boolean;
}
