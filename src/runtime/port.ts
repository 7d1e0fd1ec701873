import type { Movable } from "../movable.ts";

/** A call as a worker gets it. */
export interface WorkerCall {
  /** Number of the call; results carry it back. */
  readonly seq: number;
  /** Name of the kind. */
  readonly kind: string;
  /** Whether it is `runBatch` with an array of inputs. */
  readonly isBatch: boolean;
  /** Input, or inputs. */
  readonly payload: unknown;
}

/** How a worker ended. */
export interface Death {
  /** What is known about why. */
  readonly error: Error;
  /** Its thread could not be stopped: it may burn a core until the process ends. */
  readonly isLost: boolean;
}

/**
 * A worker as the pool sees it. No method calls the owner back before it has returned. `post` and
 * `terminate` are only called as documented, so an adapter need not guard against misuse.
 */
export interface WorkerPort {
  /** Starts the worker. Called once, first. */
  start(owner: PortOwner): void;
  /**
   * Sends a call; the worker is ready.
   *
   * @throws {DOMException} `DataCloneError` if the payload cannot be cloned: nothing was sent.
   */
  post(call: WorkerCall, transfer: Movable[]): void;
  /** Tells the call to stop. */
  abort(seq: number): void;
  /** Ends the worker, whatever it does. `died` follows. */
  terminate(): void;
}

/** Who is told what a worker does. */
export interface PortOwner {
  /** The worker has loaded its jobs. Called at most once. */
  ready(port: WorkerPort): void;
  /** A call has ended: `value` is the output (an array of outputs and `Error`s for a batch), or what was thrown. */
  result(port: WorkerPort, seq: number, ok: boolean, value: unknown, runMs: number): void;
  /** The worker is gone. Called exactly once, whatever the cause, nothing after it. */
  died(port: WorkerPort, death: Death): void;
}

/** Makes ports. */
export type PortFactory = () => WorkerPort;
