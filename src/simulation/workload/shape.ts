/** A value that is not as it should be, and where: path and message. */
export class ShapeError extends Error {
  /** Name of the class. */
  override readonly name = "ShapeError";
  /** The place, such as `kinds.0.share`; empty for the value itself. */
  readonly path: string;

  /** Makes the error. */
  constructor(path: string, wanted: string, received: unknown) {
    super(`it must be ${wanted}: received ${toText(received)}`);
    this.path = path;
  }
}

/** Throws a {@linkcode ShapeError} if the value at that path is not as it should be. */
export type Shape = (value: unknown, path: string) => void;

/** Numbers of a range, both ends included; `above` leaves out the lower one. */
export function numberOf(
  range: { readonly min?: number; readonly above?: number; readonly max?: number },
): Shape {
  const { above, min = -Infinity, max = Number.MAX_VALUE } = range;
  const least = above === undefined ? `from ${min}` : `above ${above}`;
  const most = max === Number.MAX_VALUE
    ? ""
    : above === undefined
    ? ` to ${max}`
    : `, at most ${max}`;
  return (value, path) => {
    const isOne = typeof value === "number" && value <= max &&
      (above === undefined ? value >= min : value > above);
    if (!isOne) throw new ShapeError(path, `a number ${least}${most}`, value);
  };
}

/** Integers from `min` to `max`. */
export function integerOf(min: number, max: number): Shape {
  return (value, path) => {
    const isOne = Number.isInteger(value) && value as number >= min && value as number <= max;
    if (!isOne) throw new ShapeError(path, `an integer from ${min} to ${max}`, value);
  };
}

/** Strings of `min` to `max` characters. */
export function textOf(min: number, max: number): Shape {
  return (value, path) => {
    const isOne = typeof value === "string" && value.length >= min && value.length <= max;
    if (!isOne) throw new ShapeError(path, `a string of ${min} to ${max} characters`, value);
  };
}

/** Arrays of `min` to `max` such items. */
export function listOf(item: Shape, min: number = 0, max: number = Infinity): Shape {
  const bounds = max === Infinity ? `${min} or more` : `${min} to ${max}`;
  return (value, path) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) {
      throw new ShapeError(path, `an array of ${bounds} items`, value);
    }
    for (const [index, one] of value.entries()) item(one, at(path, String(index)));
  };
}

/** Objects with all of the `needed` properties, any of the `others`, and no more. */
export function objectOf(
  needed: Readonly<Record<string, Shape>>,
  others: Readonly<Record<string, Shape>> = {},
): Shape {
  const shapes = new Map(Object.entries({ ...needed, ...others }));
  return (value, path) => {
    if (!isObject(value)) throw new ShapeError(path, "an object", value);
    for (const name of Object.keys(value)) {
      if (!shapes.has(name)) {
        const known = [...shapes.keys()].join(", ");
        throw new ShapeError(at(path, name), `absent, as only ${known} are known`, value[name]);
      }
    }
    for (const [name, shape] of shapes) {
      const one = Object.hasOwn(value, name) ? value[name] : undefined;
      if (one !== undefined || Object.hasOwn(needed, name)) shape(one, at(path, name));
    }
  };
}

/** Objects that their `type` tells apart. */
export function taggedOf(shapes: Readonly<Record<string, Shape>>): Shape {
  return (value, path) => {
    if (!isObject(value)) throw new ShapeError(path, "an object", value);
    const { type, ...rest } = value;
    if (typeof type !== "string" || !Object.hasOwn(shapes, type)) {
      throw new ShapeError(at(path, "type"), `one of ${Object.keys(shapes).join(", ")}`, type);
    }
    shapes[type](rest, path);
  };
}

/** A shape with a rule between its parts, which says what is wanted. */
export function ruleOf<T>(shape: Shape, holds: (value: T) => boolean, wanted: string): Shape {
  return (value, path) => {
    shape(value, path);
    if (!holds(value as T)) throw new ShapeError(path, wanted, value);
  };
}

function at(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toText(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
