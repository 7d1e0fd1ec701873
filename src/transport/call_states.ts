/**
 * Who has a call: a word per call that the router and its worker share, by either transport. The
 * worker claims a call (`PENDING` to `RUNNING`), the router revokes it (`PENDING` to `REVOKED`) or
 * aborts it; compare-and-exchange lets one of them win. A call aborted before it was claimed is
 * answered without being run; `RUNNING` to `ABORTED` tells a running one to stop.
 */

/** Calls that a worker holds at most: a power of two. */
export const DEPTH = 256;

export const PENDING = 0;
export const RUNNING = 1;
export const REVOKED = 2;
export const ABORTED = 3;

/** Takes a call for the worker, unless the router was sooner: gives the state it was in. */
export function claim(states: Int32Array, call: number): number {
  return Atomics.compareExchange(states, placeOf(states, call), PENDING, RUNNING);
}

/** Whether a call is to stop. */
export function isAborted(states: Int32Array, call: number): boolean {
  return Atomics.load(states, placeOf(states, call)) === ABORTED;
}

/** Place of a call, counted from the first one of its worker. */
function placeOf(states: Int32Array, call: number): number {
  return call & (states.length - 1);
}
