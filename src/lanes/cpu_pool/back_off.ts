const FIRST_MS = 100;
const MAX_DOUBLINGS = 6;

/** Time to wait before another worker is started, after so many waits in a row, in ms: 100 to 6,400. */
export function backOffMs(waits: number): number {
  return FIRST_MS * 2 ** Math.min(waits, MAX_DOUBLINGS);
}
