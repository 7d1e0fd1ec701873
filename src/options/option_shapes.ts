import { z } from "zod";
import { MAX_TIMER_MS } from "../clock.ts";
import { InvalidOptionError } from "../errors.ts";

/** What many is. */
export const MANY = 1_000_000;

/** An integer in a range. */
export function integer(min: number, max: number): z.ZodNumber {
  const error = `an integer from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** A number in a range. */
export function number(min: number, max: number): z.ZodNumber {
  const error = `a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
}

/** A time that a timer can wait. */
export function milliseconds(): z.ZodNumber {
  const error = `a number of ms above 0 and at most ${MAX_TIMER_MS}`;
  return z.number({ error }).gt(0, { error }).max(MAX_TIMER_MS, { error });
}

/** A time that a timer can wait, 0 included, or for ever. */
export function millisecondsOrNever(): z.ZodType<number> {
  return shape<number>(
    (value) => value === Infinity || number(0, MAX_TIMER_MS).safeParse(value).success,
    `a number from 0 to ${MAX_TIMER_MS}, or Infinity`,
  );
}

/** A number of things, or no limit. */
export function countOrNone(): z.ZodType<number> {
  return shape<number>(
    (value) => value === Infinity || integer(1, MANY).safeParse(value).success,
    `an integer from 1 to ${MANY}, or Infinity`,
  );
}

/** Whatever passes a test. */
export function shape<T>(test: (value: unknown) => boolean, error: string): z.ZodType<T> {
  return z.custom<T>(test, { error });
}

/** Tests for an object with these functions. */
export function hasFunctions(...names: string[]): (value: unknown) => boolean {
  return (value) =>
    typeof value === "object" && value !== null &&
    names.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
}

/** Tests for a function. */
export function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

/** The error of an option, by what zod says of it. */
export function toOptionError(
  issue: z.core.$ZodIssue,
  options: object,
  known: readonly string[],
  action?: string,
): InvalidOptionError {
  const values = options as Record<string, unknown>;
  if (issue.code === "unrecognized_keys") {
    const name = issue.keys[0];
    const wanted = `one of the options ${known.join(", ")}`;
    return new InvalidOptionError(name, values[name], wanted, action);
  }
  const name = String(issue.path[0]);
  return new InvalidOptionError(name, values[name], issue.message, action);
}
