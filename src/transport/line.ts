import type { FromWorker, ItemErrors, PlainResult, Result } from "./protocol.ts";
import { decodeError } from "./decode_error.ts";
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
  /** Sends the calls of this turn, and delivers the results that have arrived. */
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
  owner: Pick<LineOwner, "result">,
  seq: number,
  result: Result,
  heardAtMs: number,
): void {
  const { runMs, busyMs, value, error, itemErrors } = result;
  if (itemErrors !== undefined && Array.isArray(value)) restoreItems(value, itemErrors);
  if (error === undefined) owner.result(seq, true, value, runMs, busyMs, heardAtMs);
  else owner.result(seq, false, decodeError(error), runMs, busyMs, heardAtMs);
}

/** Puts the failed items of a batch into their places. A job may have posted a look-alike. */
function restoreItems(items: unknown[], { places, errors }: ItemErrors): void {
  if (!Array.isArray(places) || places.length > items.length) return;
  const decoded = decodeError(errors, places.length);
  if (!Array.isArray(decoded)) return;
  places.forEach((place, i) => {
    if (Number.isInteger(place) && Object.hasOwn(items, place)) items[place] = decoded[i];
  });
}
