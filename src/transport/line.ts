import type { FromWorker, Result } from "./protocol.ts";
import { decodeError } from "./wire_error.ts";
import type { Movable } from "../movable.ts";
import type { WorkerCall } from "../worker_call.ts";
import type { SentCalls } from "./sent_calls.ts";

/** How calls reach a worker and results come back: the transport. */
export interface Line {
  /** Calls that have been sent. */
  readonly sent: SentCalls;
  /** Further calls it can hold. */
  readonly room: number;
  /** Whether results are there that have not been told. */
  readonly hasResults: boolean;
  /** Tells them. */
  poll(): void;
  /**
   * Sends a call.
   *
   * @throws {DOMException} `DataCloneError` if the payload cannot be cloned: nothing was sent.
   */
  post(call: WorkerCall, transfer: Movable[]): void;
  /** Hears a message that is about calls. */
  hear(message: FromWorker): void;
  /** A message cannot be read. */
  garbled(): void;
  /** Takes what has come; the worker is gone. */
  close(): void;
}

/** Who is told what comes over a line. */
export interface LineOwner {
  /** Nothing is on its way any more. */
  drained(): void;
  /** A call has ended; results that were read together have the same `heardAtMs`. */
  result(seq: number, ok: boolean, value: unknown, runMs: number, heardAtMs: number): void;
}

/** Tells a result that came by message. */
export function tellResult(
  owner: LineOwner,
  seq: number,
  result: Result,
  heardAtMs: number,
): void {
  const { runMs, json, error, itemErrors } = result;
  const value = json === undefined ? result.value : JSON.parse(json);
  if (Array.isArray(itemErrors) && Array.isArray(value)) {
    for (const [place, wire] of itemErrors) value[place] = decodeError(wire);
  }
  if (error === undefined) owner.result(seq, true, value, runMs, heardAtMs);
  else owner.result(seq, false, decodeError(error), runMs, heardAtMs);
}
