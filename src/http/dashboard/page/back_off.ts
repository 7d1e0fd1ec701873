const FIRST_MS = 500;
const MAX_MS = 15_000;

/**
 * How long to wait before the next attempt: twice as long after each failure, at most 15 s, and
 * spread by a fifth, so that many pages do not come back at once.
 *
 * @param failures Attempts that failed in a row, >= 1.
 * @param draw A number from 0 to below 1.
 */
export function backOffMs(failures: number, draw: number): number {
  const ms = Math.min(MAX_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.round(ms * (0.8 + 0.4 * draw));
}
