const FIRST_MS = 100;
const MAX_DOUBLINGS = 6;

/** Delay before another worker is started, after `waits` delays in a row, in ms: 100 to 6,400. */
export function backOffMs(waits: number): number {
  return FIRST_MS * 2 ** Math.min(waits, MAX_DOUBLINGS);
}
