/** Makes the error of an option. */
export type Refuse = (option: string, received: unknown, wanted: string) => Error;

/** What is wanted in place of an option that is inherited. */
export const OWN =
  "an own property, as inherited ones are not read: spread them into a plain object";

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
  if (!isObject(options)) throw refuse("options", options, "an object");
  const inherited = inheritedIn(options, known);
  if (inherited !== undefined) {
    throw refuse(inherited, (options as Record<string, unknown>)[inherited], OWN);
  }
  const own: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!known.includes(name)) throw refuse(name, value, `one of the options ${known.join(", ")}`);
    own[name] = value;
  }
  return own;
}

/** Whether a value can be an object of options. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first option that an object has from anything but itself and `Object.prototype`. */
export function inheritedIn(options: object, known: readonly string[]): string | undefined {
  let from = Object.getPrototypeOf(options);
  for (; from !== null && from !== Object.prototype; from = Object.getPrototypeOf(from)) {
    const name = known.find((name) => Object.hasOwn(from, name) && !Object.hasOwn(options, name));
    if (name !== undefined) return name;
  }
  return undefined;
}
