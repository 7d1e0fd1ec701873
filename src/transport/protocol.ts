import type { WorkerCall } from "../worker_call.ts";
import type { RingMemory } from "./ring/ring_memory.ts";
import type { WireError } from "./wire_error.ts";

/**
 * The messages between a router and a worker.
 *
 * ```
 * worker: hello        its script is running
 *         lock         it holds this lock until it ends             (Deno only)
 * router: init         load these modules
 * worker: ready        these kinds are loaded, `setup` is done      (or failed)
 *
 * by messages                         by shared memory (`ring/`)
 * router: call, calls …               router: mail …        payloads the ring cannot carry
 * worker: results …                           wake          check the ring
 *                                     worker: results …     outputs the ring cannot carry
 *                                             bell          check the ring
 * router: abort        worker: progress, heap
 * router: exit         worker: bye
 * ```
 *
 * Calls are numbered per worker, from 0.
 */
export type ToWorker =
  | InitMessage
  | { readonly type: "calls"; readonly calls: readonly SentCall[] }
  | ({ readonly type: "call" } & SentCall)
  | {
    readonly type: "mail";
    readonly call: number;
    readonly payload: unknown;
    /** Trace contexts of the call's jobs. */
    readonly traces?: WorkerCall["traces"];
  }
  | { readonly type: "wake" }
  | { readonly type: "abort"; readonly call: number }
  | { readonly type: "exit" };

/** A call sent by message. */
export interface SentCall extends WorkerCall {
  /** Why its payload could not be sent. */
  readonly error?: WireError;
}

/** First message to a worker. */
export interface InitMessage {
  readonly type: "init";
  /** What the worker's results carry, and no message of a job can: a number drawn for it. */
  readonly key: number;
  /** Job modules to import; an entry that serves its own jobs ignores them. */
  readonly modules: readonly string[];
  /** Names of the kinds, in the order of their numbers in the ring. */
  readonly kinds: readonly string[];
  /** The shared memory, if that is the transport. */
  readonly ring: RingMemory | undefined;
  /** State words of the calls, if the transport is messages and memory can be shared. */
  readonly states: Int32Array | undefined;
  /** Whether it is to report how much heap its jobs use. */
  readonly tellsHeap: boolean;
  /** Number of cores: a worker spins only while the awake workers leave one for the router. */
  readonly cores: number;
}

/** Messages from a worker. The prefix tells them apart from messages that jobs post. */
export type FromWorker =
  | { readonly type: "helix.hello" }
  | { readonly type: "helix.lock"; readonly name: string }
  | {
    readonly type: "helix.ready";
    readonly key: number;
    readonly protocol: number;
    readonly kinds: readonly string[];
    /** Whether the jobs have a `teardown` to run before the worker exits. */
    readonly hasTeardown: boolean;
  }
  | { readonly type: "helix.failed"; readonly error: WireError }
  | {
    readonly type: "helix.results";
    readonly key: number;
    /** Number of the first of the calls. */
    readonly call: number;
    readonly results: readonly Result[];
  }
  | { readonly type: "helix.bell" }
  | {
    readonly type: "helix.progress";
    readonly key: number;
    readonly call: number;
    readonly value: unknown;
  }
  | { readonly type: "helix.heap"; readonly bytes: number }
  | { readonly type: "helix.bye" };

/**
 * The result of a call that is nothing but an output. An array takes half the time that an object in
 * an array does: 2.1 instead of 4 µs, there and here, on Node 20. On Bun a text of 1 MB in an array or object of
 * nothing but primitives takes 0.03 ms, as it is shared, and 2 to 4 ms in one that has another in it.
 */
export type PlainResult = readonly [
  key: number,
  call: number,
  runMs: number,
  busyMs: number,
  value: unknown,
];

/** Whether a message from a worker is one. */
export function isPlainResult(message: FromWorker | PlainResult): message is PlainResult {
  return Array.isArray(message);
}

/** The results that a message brings, of calls from number `call` on; `null` if it brings none. */
export function resultsIn(
  message: FromWorker | PlainResult,
): { readonly call: number; readonly results: readonly Result[] } | null {
  if (isPlainResult(message)) {
    const [, call, runMs, busyMs, value] = message;
    return { call, results: [{ runMs, busyMs, value }] };
  }
  return message.type === "helix.results" && Array.isArray(message.results) ? message : null;
}

/** Items of a batch that failed, together, as they may refer to the same objects. */
export interface ItemErrors {
  /** Their indices in the outputs. */
  readonly places: readonly number[];
  /** An array of what they are, in the same order. */
  readonly errors: WireError;
}

/** How long a call ran. */
export interface RunTimes {
  /** Time the call ran, in ms. */
  readonly runMs: number;
  /** Time of that in which it kept the worker busy, in ms; the same for a run that gave no promise. */
  readonly busyMs: number;
}

/** How a call ended. Results arrive in the order of the calls. */
export interface Result extends RunTimes {
  /** The output, or the outputs of a batch; absent when the call failed. */
  readonly value?: unknown;
  /** What was thrown; absent when the call succeeded. */
  readonly error?: WireError;
  /** Items of a batch that failed. */
  readonly itemErrors?: ItemErrors;
  /** Whether the call was revoked, and not run. */
  readonly isSkipped?: boolean;
}
