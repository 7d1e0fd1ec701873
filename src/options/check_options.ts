import { isWithin, ownOptions, wordsOf } from "../check.ts";
import { InvalidOptionError } from "../errors.ts";
import { isSemaphore } from "../semaphore.ts";
import type { OptionRow } from "./option_table.ts";

/** What of a row is needed to check its option: of a number, its range says all. */
export type Check =
  & Partial<Pick<OptionRow, "type" | "wanted" | "range" | "orSemaphore" | "words" | "functions">>
  & { readonly name: string };

/**
 * Checks options.
 *
 * @typeParam T The options, if they are right.
 * @param options Any value.
 * @param checks The options there are.
 * @param action What cannot be done if one is wrong.
 * @returns What is given, in an object that inherits nothing.
 * @throws {InvalidOptionError} If one is wrong, unknown or inherited.
 */
export function checkOptions<T extends object>(
  options: unknown,
  checks: readonly Check[],
  action: string,
): Partial<T> {
  const refuse = (name: string, received: unknown, wanted: string): InvalidOptionError =>
    new InvalidOptionError(name, received, wanted, action);
  const given = ownOptions(options, checks.map(({ name }) => name), refuse);
  for (const check of checks) {
    const value = given[check.name];
    if (value !== undefined && !isRight(value, check)) {
      const { name, range, wanted = wordsOf(range!), orSemaphore } = check;
      throw refuse(name, value, orSemaphore ? `${wanted}, or a Semaphore` : wanted);
    }
  }
  return given as Partial<T>;
}

function isRight(
  value: unknown,
  { type, range, orSemaphore, words, functions = [] }: Check,
): boolean {
  if (orSemaphore && isSemaphore(value)) return true;
  if (range !== undefined) return isWithin(value, range);
  if (words !== undefined) return words.includes(value as string);
  if (typeof value !== type || value === null) return false;
  return functions.every((name) => typeof (value as Record<string, unknown>)[name] === "function");
}
