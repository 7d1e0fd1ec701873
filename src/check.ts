// What comes from outside is checked here: numbers by a range, options as own properties.

import { isError } from "./error_type.ts";
import { wantedFor } from "./unknown_name.ts";

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

/** Times that a timer of any runtime can wait: up to about 24.8 days. */
export const TIMER_MS: NumberRange = rangeOf(0, 2_147_483_647, { exclusive: true, unit: "ms" });

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

/** Makes the error of an option. */
export type Refuse = (option: string, received: unknown, wanted: string) => Error;

/** What is wanted in place of an option that is inherited. */
const WANTED_OWN = "an own property, not inherited: copy it by name into a plain object";

/**
 * Reads an object of options: its own properties, less those that are `undefined`. What other code
 * has put on `Object.prototype` is no option, and what is inherited from anything else is refused.
 *
 * @param options Any value.
 * @param known Names of the options there are.
 * @param refuse Makes the error of an option.
 * @returns The options by name, in an object that inherits nothing.
 * @throws The error of an option that is unknown or inherited, or of `options` itself if it is no
 * object.
 */
export function ownOptions(
  options: unknown,
  known: readonly string[],
  refuse: Refuse,
): Readonly<Record<string, unknown>> {
  checkOrigin(options, known, refuse);
  const own: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(options as object)) {
    if (value === undefined) continue;
    if (!known.includes(name)) throw refuse(name, value, wantedFor(name, known));
    own[name] = value;
  }
  return own;
}

/** Whether a value can be an object of options. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws The error of `options` if it is no object, or else of an option that is inherited. */
export function checkOrigin(options: unknown, known: readonly string[], refuse: Refuse): void {
  if (!isObject(options)) throw refuse("options", options, "an object");
  let from = Object.getPrototypeOf(options);
  for (; from !== null && from !== Object.prototype; from = Object.getPrototypeOf(from)) {
    const name = known.find((name) => Object.hasOwn(from, name) && !Object.hasOwn(options, name));
    if (name !== undefined) throw refuse(name, from[name], WANTED_OWN);
  }
}

/** Values within a received one that can show in a message. */
const MAX_SHOWN = 200;

/** Formats a received value for a message, in short. Never throws. */
export function shown(value: unknown): string {
  try {
    if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
    if (typeof value === "bigint") return `${value}n`;
    if (isError(value)) return `${value.name}: ${value.message}`.slice(0, 80);
    if (typeof value === "function") return `function ${value.name}`.trim();
    if (typeof value === "object" && value !== null) {
      return (JSON.stringify(value, firstOnly(MAX_SHOWN)) ?? "object").slice(0, 80);
    }
    return String(value);
  } catch {
    return typeof value;
  }
}

/** For `JSON.stringify()`, which visits what is shared once for each way to it: there may be billions. */
function firstOnly(most: number): (key: string, value: unknown) => unknown {
  let seen = 0;
  return (_key, value) => ++seen > most ? undefined : value;
}
