import type { FromWorker, PlainResult, Result } from "./protocol.ts";
import { decodeError } from "./wire_error.ts";
import type { Movable } from "../movable.ts";
import type { WorkerCall } from "../worker_call.ts";
import type { SentCalls } from "./sent_calls.ts";

/** The router's end of the transport: sends calls to a worker and delivers their results. */
export interface Line {
  /** Calls that have been sent and whose results have not been read. */
  readonly sent: SentCalls;
  /** Remaining capacity, in calls. */
  readonly room: number;
  /** Whether there are results that have not been delivered. */
  readonly hasResults: boolean;
  /** Delivers them. */
  poll(): void;
  /**
   * Sends a call.
   *
   * @throws {DOMException} `DataCloneError` if the payload cannot be cloned: nothing was sent.
   */
  post(call: WorkerCall, transfer: Movable[]): void;
  /** Receives a message about calls. */
  hear(message: FromWorker | PlainResult): void;
  /** A message could not be deserialized. */
  garbled(): void;
  /** The worker has exited: delivers the results that have arrived. */
  close(): void;
}

/** Receives what arrives over a line. */
export interface LineOwner {
  /** No call is outstanding any more. */
  drained(): void;
  /** A call has ended; results read together share one `heardAtMs`. */
  result(
    seq: number,
    ok: boolean,
    value: unknown,
    runMs: number,
    busyMs: number,
    heardAtMs: number,
  ): void;
}

/** Delivers a result that arrived by message. */
export function tellResult(
  owner: LineOwner,
  seq: number,
  result: Result,
  heardAtMs: number,
): void {
  const { runMs, busyMs, value, error, itemErrors } = result;
  if (Array.isArray(itemErrors) && Array.isArray(value)) {
    for (const [place, wire] of itemErrors) value[place] = decodeError(wire);
  }
  if (error === undefined) owner.result(seq, true, value, runMs, busyMs, heardAtMs);
  else owner.result(seq, false, decodeError(error), runMs, busyMs, heardAtMs);
}
