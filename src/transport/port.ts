/**
 * The layers from the pool to the jobs in a worker; each knows only its neighbours.
 *
 * | word    | meaning                                                                      |
 * | ------- | ---------------------------------------------------------------------------- |
 * | slot    | a place in the pool: a port, and the calls it holds (`lanes/cpu_pool`)       |
 * | port    | a worker as the pool sees it (here; `thread_port.ts`)                        |
 * | line    | the router's end of the transport, by messages or shared memory (`line.ts`)  |
 * | thread  | the worker as the runtime provides it: messages, exit (`thread.ts`)          |
 * | channel | the thread seen from inside the worker (`channel.ts`, `runtime/channel.ts`)  |
 * | desk    | the worker's end of the transport (`desk.ts`)                                |
 * | `seq`   | number of a call in its pool, from 1; 0 means none                           |
 * | `call`  | number of a call in its worker, from 0, wraps at 32 bits (line and desk)     |
 *
 * @module
 */

import type { Movable } from "../movable.ts";
import type { WorkerCall } from "../worker_call.ts";

/** How calls travel to workers. */
export type Transport = "auto" | "shared_memory" | "messages";

/** How they do travel. */
export type TakenTransport = Exclude<Transport, "auto">;

/** How a worker ended. */
export interface Death {
  /** The cause, as far as it is known. */
  readonly error: Error;
  /**
   * Whether its thread has not ended, though it was terminated: it runs what cannot be interrupted,
   * and occupies a core. `returned` follows if it ends after all.
   */
  readonly isLost: boolean;
  /** Number of the call it was running, 0 if none. */
  readonly seq: number;
  /** Numbers of calls that it has run to their end, but whose results were lost with it. */
  readonly untold?: readonly number[];
}

/**
 * A worker as the pool sees it: runs the calls it holds one at a time, in order. No method except
 * `poll` calls the owner back before it returns. `post` and `terminate` are only called as
 * documented, so an adapter need not guard against misuse.
 */
export interface WorkerPort {
  /** Remaining capacity, in calls; 0 while it holds one, if calls cannot be revoked. */
  readonly room: number;
  /** Whether there are results that have not been delivered. */
  readonly hasResults: boolean;
  /** Whether it has begun the oldest call it holds; `true` where that is unknown. */
  readonly isRunning: boolean;
  /** Bytes of heap its jobs use, as last reported; `NaN` if never reported. */
  readonly heapBytes: number;
  /** Starts the worker. Called once, before any other method. */
  start(owner: PortOwner): void;
  /**
   * Sends a call. The worker is ready, and `room` is above 0.
   *
   * @throws {DOMException} `DataCloneError` if the payload cannot be cloned: nothing was sent.
   */
  post(call: WorkerCall, transfer: Movable[]): void;
  /**
   * Revokes a call that has not begun.
   *
   * @returns Whether it was revoked; a revoked call has no result.
   */
  revoke(seq: number): boolean;
  /** Sends the calls of this turn, and delivers the results that have arrived; calls the owner before it returns. */
  poll(): void;
  /** Asks a running call to stop. One that has not begun ends with an `AbortError`. */
  abort(seq: number): void;
  /** Whether it is to keep the process alive, though it is not ready: it does at first. */
  keep?(isNeeded: boolean): void;
  /** Terminates the worker, whatever it is doing. `died` follows, soon, even if its thread goes on. */
  terminate(): void;
  /** The owner no longer waits for its thread, whether or not it has died: it hears nothing more. */
  release(): void;
}

/** Receives the events of a worker. */
export interface PortOwner {
  /** The worker has loaded its jobs. Called at most once. */
  ready(port: WorkerPort): void;
  /**
   * A call has ended. While the last results of a dead worker are delivered, its port has no room.
   *
   * @param value The output (an array of outputs and `Error`s for a batch), or what was thrown.
   * @param runMs Time it ran, in ms.
   * @param busyMs Time of that in which it kept its thread busy: until its function returned; `NaN`
   * if unknown.
   * @param heardAtMs When the result was read, on the router's clock, in ms; results read together
   * share it.
   */
  result(
    port: WorkerPort,
    seq: number,
    ok: boolean,
    value: unknown,
    runMs: number,
    busyMs: number,
    heardAtMs: number,
  ): void;
  /** A running call has reported progress. */
  progress(port: WorkerPort, seq: number, value: unknown): void;
  /** The worker has died. Called exactly once, whatever the cause; only `returned` may follow. */
  died(port: WorkerPort, death: Death): void;
  /** The thread of a worker that died as lost has ended after all. Called at most once. */
  returned(port: WorkerPort): void;
}

/** Makes ports. */
export interface PortFactory {
  (): WorkerPort;
  /** What the router's `clone` is unless it is given. */
  readonly clone?: "workers" | "always";
}
