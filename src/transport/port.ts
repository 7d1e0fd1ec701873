/**
 * The way to a worker, from the pool to the jobs; each part knows only its neighbours.
 *
 * | word    | meaning                                                                      |
 * | ------- | ---------------------------------------------------------------------------- |
 * | slot    | a place of the pool: a port, and the calls it holds (`lanes/cpu_pool`)       |
 * | port    | a worker as the pool sees it (here; `thread_port.ts`)                        |
 * | line    | the router's end of the transport, by messages or shared memory (`line.ts`)  |
 * | thread  | the worker as the runtime gives it: messages, its end (`thread.ts`)          |
 * | channel | the same seen from within the worker (`runtime/channel.ts`)                  |
 * | desk    | the worker's end of the transport (`desk.ts`)                                |
 * | `seq`   | number of a call in its pool, from 1; 0 is none                              |
 * | `call`  | between line and desk: number of a call in its worker, from 0, in 32 bits    |
 *
 * @module
 */

import type { Movable } from "../movable.ts";
import type { WorkerCall } from "../worker_call.ts";

/** How calls travel to workers. */
export type Transport = "auto" | "shared_memory" | "messages";

/** How a worker ended. */
export interface Death {
  /** What is known about why. */
  readonly error: Error;
  /** Its thread could not be stopped: it may burn a core until the process ends. */
  readonly isLost: boolean;
  /** Number of the call it was on, 0 if it was on none: calls behind it have not begun. */
  readonly seq: number;
}

/**
 * A worker as the pool sees it: runs the calls it holds one after the other, in order. No method
 * but `poll` calls the owner back before it has returned. `post` and `terminate` are only called as
 * documented, so an adapter need not guard against misuse.
 */
export interface WorkerPort {
  /** Further calls it can hold now; 0 while it has one, if calls cannot be revoked. */
  readonly room: number;
  /** Whether results are there that have not been told. */
  readonly hasResults: boolean;
  /** Whether it has begun the oldest call it holds; `true` where that is not known. */
  readonly isRunning: boolean;
  /** Bytes of heap its jobs use, as last heard; `NaN` where the runtime does not tell. */
  readonly heapBytes: number;
  /** Starts the worker. Called once, first. */
  start(owner: PortOwner): void;
  /**
   * Sends a call; the worker is ready, and there is room.
   *
   * @throws {DOMException} `DataCloneError` if the payload cannot be cloned: nothing was sent.
   */
  post(call: WorkerCall, transfer: Movable[]): void;
  /**
   * Takes back a call that has not begun.
   *
   * @returns Whether it had not; a call that was revoked has no result.
   */
  revoke(seq: number): boolean;
  /** Tells the results that are there; calls the owner before it returns. */
  poll(): void;
  /** Tells a call that has begun to stop. One that was about to begin ends with an `AbortError`. */
  abort(seq: number): void;
  /** Puts an end to the worker, whatever it does. `died` follows. */
  terminate(): void;
}

/** Who is told what a worker does. */
export interface PortOwner {
  /** The worker has loaded its jobs. Called at most once. */
  ready(port: WorkerPort): void;
  /**
   * A call has ended. While the last results of a worker that is gone are told, its port has no room.
   *
   * @param value The output (an array of outputs and `Error`s for a batch), or what was thrown.
   * @param runMs Time it ran, in ms.
   * @param heardAtMs When the result was read, on the router's clock, in ms; the same for all results
   * that were read together.
   */
  result(
    port: WorkerPort,
    seq: number,
    ok: boolean,
    value: unknown,
    runMs: number,
    heardAtMs: number,
  ): void;
  /** A running call tells how far it is. */
  progress(port: WorkerPort, seq: number, value: unknown): void;
  /** The worker is gone. Called exactly once, whatever the cause, nothing after it. */
  died(port: WorkerPort, death: Death): void;
}

/** Makes ports. */
export type PortFactory = () => WorkerPort;
