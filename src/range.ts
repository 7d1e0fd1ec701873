import { MAX_TIMER_MS } from "./clock.ts";

/** A range of numbers. */
export interface NumberRange {
  /** The minimum. */
  readonly min: number;
  /** The maximum; `Number.MAX_VALUE` allows every finite number from `min` up. */
  readonly max: number;
  /** Whether `min` itself is excluded. */
  readonly exclusive: boolean;
  /** Whether only integers are allowed. */
  readonly integer: boolean;
  /** Whether `Infinity` is allowed, too: no limit. */
  readonly orInfinity: boolean;
  /** The unit, such as `"ms"`; `undefined` for a bare number. */
  readonly unit: string | undefined;
}

/** The range from `min` to `max`, both included unless `more` says otherwise. */
export function rangeOf(
  min: number,
  max: number,
  more: Partial<Omit<NumberRange, "min" | "max">> = {},
): NumberRange {
  const plain = { exclusive: false, integer: false, orInfinity: false, unit: undefined };
  return Object.freeze({ min, max, ...plain, ...more });
}

/** Delays that a timer supports. */
export const TIMER_MS: NumberRange = rangeOf(0, MAX_TIMER_MS, { exclusive: true, unit: "ms" });

/** Whether a value is a number within a range. */
export function isWithin(value: unknown, range: NumberRange): value is number {
  if (typeof value !== "number") return false;
  if (value === Infinity) return range.orInfinity;
  if (!(range.exclusive ? value > range.min : value >= range.min)) return false;
  return value <= range.max && (!range.integer || Number.isInteger(value));
}

/** A range in words, for error messages, such as "an integer from 0 to 9". */
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
