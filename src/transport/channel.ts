import type { NextTurn } from "../clock.ts";
import type { Movable } from "../movable.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/** A worker's way to its router. */
export interface Channel {
  /** Sends a message. */
  post(message: FromWorker, transfer?: Movable[]): void;
  /** Hears messages from now on; `garbled` tells of one that cannot be read. */
  listen(hear: (message: ToWorker) => void, garbled: () => void): void;
  /** Leads to the next turn of the event loop. */
  readonly nextTurn: NextTurn;
  /** Bytes of heap this worker uses, where the runtime tells it for one worker alone. */
  heapBytes(): number | undefined;
  /** Calls `fn` when the worker is about to end by itself. */
  beforeEnd(fn: () => void): void;
  /** Ends the worker. */
  close(): void;
}
