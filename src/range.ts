import { MAX_TIMER_MS } from "./clock.ts";

/** The numbers that something may be. */
export interface NumberRange {
  /** The least. */
  readonly min: number;
  /** The greatest; `Number.MAX_VALUE` admits every finite number from `min` on. */
  readonly max: number;
  /** Whether `min` itself is left out. */
  readonly exclusive: boolean;
  /** Whether only integers are in it. */
  readonly integer: boolean;
  /** Whether `Infinity` is in it, too: no limit. */
  readonly orInfinity: boolean;
  /** What is counted, such as `"ms"`; `undefined` for a bare number. */
  readonly unit: string | undefined;
}

/** The numbers from `min` to `max`, both included, unless more is said. */
export function rangeOf(
  min: number,
  max: number,
  more: Partial<Omit<NumberRange, "min" | "max">> = {},
): NumberRange {
  const plain = { exclusive: false, integer: false, orInfinity: false, unit: undefined };
  return Object.freeze({ min, max, ...plain, ...more });
}

/** Times that a timer can wait. */
export const TIMER_MS: NumberRange = rangeOf(0, MAX_TIMER_MS, { exclusive: true, unit: "ms" });

/** Whether a value is a number of a range. */
export function isWithin(value: unknown, range: NumberRange): value is number {
  if (typeof value !== "number") return false;
  if (value === Infinity) return range.orInfinity;
  if (!(range.exclusive ? value > range.min : value >= range.min)) return false;
  return value <= range.max && (!range.integer || Number.isInteger(value));
}

/** What is wanted where a value is not in a range, such as "an integer from 0 to 9". */
export function wordsOf(range: NumberRange): string {
  const { min, max, exclusive, integer, orInfinity, unit } = range;
  const isOpen = max === Number.MAX_VALUE;
  const least = exclusive ? `above ${min}` : `>= ${min}`;
  const number = integer ? "an integer" : isOpen && !orInfinity ? "a finite number" : "a number";
  const what = integer || unit === undefined ? number : `${number} of ${unit}`;
  const bounds = isOpen
    ? least
    : exclusive
    ? `${least} and at most ${max}`
    : `from ${min} to ${max}`;
  return `${what} ${bounds}${orInfinity ? ", or Infinity" : ""}`;
}
