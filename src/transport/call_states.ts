/**
 * Who owns a call: one state word per call, shared by the router and its worker in both transports.
 * The worker claims a call (`PENDING` to `RUNNING`), the router revokes it (`PENDING` to `REVOKED`)
 * or aborts it; compare-and-exchange ensures that only one of them succeeds. A call that is aborted
 * while pending ends without being run; `RUNNING` to `ABORTED` asks a running one to stop.
 */

/** Maximum number of calls that a worker holds: a power of two. */
export const DEPTH = 256;

export const PENDING = 0;
export const RUNNING = 1;
export const REVOKED = 2;
export const ABORTED = 3;

/** Claims a call for the worker, unless the router was first; returns its previous state. */
export function claim(states: Int32Array, call: number): number {
  return Atomics.compareExchange(states, placeOf(states, call), PENDING, RUNNING);
}

/** Whether a call has been aborted. */
export function isAborted(states: Int32Array, call: number): boolean {
  return Atomics.load(states, placeOf(states, call)) === ABORTED;
}

/** Index of a call's state word; calls are numbered per worker. */
function placeOf(states: Int32Array, call: number): number {
  return call & (states.length - 1);
}
