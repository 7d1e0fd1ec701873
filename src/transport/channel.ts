import type { NextTurn } from "../clock.ts";
import type { Movable } from "../movable.ts";
import type { FromWorker, PlainResult, ToWorker } from "./protocol.ts";

/** A worker's connection to its router. */
export interface Channel {
  /** Sends a message. */
  post(message: FromWorker | PlainResult, transfer?: Movable[]): void;
  /** Starts to receive messages; `garbled` is called for one that cannot be deserialized. */
  listen(hear: (message: ToWorker) => void, garbled: () => void): void;
  /** Schedules a function for the next turn of the event loop. */
  readonly nextTurn: NextTurn;
  /** Reads how long this worker's event loop has been busy, in ms, where that is measured. */
  readonly busyMs: (() => number) | undefined;
  /** Bytes of heap this worker uses, where the runtime reports that per worker. */
  heapBytes(): number | undefined;
  /** Makes the worker exit. */
  close(): void;
}
