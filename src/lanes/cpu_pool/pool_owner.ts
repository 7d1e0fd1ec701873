import type { Call } from "../../job/call.ts";

/** Whom the pool tells what happens. */
export interface PoolOwner {
  /** When the event that is being handled came. */
  readonly nowMs: number;
  /** A worker has become free, or may be started. */
  pump(): void;
  /** Something has come from a worker: the time has moved on. */
  heard(): void;
  /** A call has begun to run. */
  started(call: Call): void;
  /** A worker has no call any more. */
  freed(): void;
  /** A call has left its worker. */
  done(call: Call, ok: boolean, value: unknown, runMs: number): void;
  /** A worker died under a call. */
  crashed(call: Call, error: Error): void;
  /** A worker died before a call that it had was begun. */
  orphaned(call: Call, error: Error): void;
  /** No worker can be started for a while: what waits will not run. */
  startFailed(error: Error): void;
  /** A call could not be sent: its payload cannot be cloned. */
  notSent(call: Call, error: unknown): void;
  /** A thread was lost for good. */
  lostWorker(count: number): void;
}
