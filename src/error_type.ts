// Errors are told by what they inherit, not by `instanceof`: those of another realm, such as a context
// of `node:vm`, inherit from that realm's `Error`.

/** The classes of errors that every runtime has; each error belongs to the nearest it inherits from. */
export const BUILT_IN: readonly { readonly name: string; readonly prototype: Error }[] = [
  Error,
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  EvalError,
  URIError,
  AggregateError,
  DOMException,
];

const NAMES = BUILT_IN.map((type) => type.name);
const TYPES = new Map<unknown, string>(BUILT_IN.map((type, i) => [type.prototype, NAMES[i]]));
/** A longer chain of prototypes is the work of a proxy. */
const MAX_CHAIN = 100;

/** The name of the built-in class that a value of any realm inherits from; `undefined` if it is no error. */
export function errorType(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  try {
    let from = Object.getPrototypeOf(value);
    if (from === Object.prototype || from === Array.prototype) return undefined; // most are
    let foreign: string | undefined;
    for (let i = 0; from !== null && i < MAX_CHAIN; i++) {
      const type = TYPES.get(from);
      if (type !== undefined) return type;
      const maker: unknown = Object.getOwnPropertyDescriptor(from, "constructor")?.value;
      const name = typeof maker === "function" ? maker.name : "";
      if (NAMES.includes(name)) foreign ??= name;
      if (name === "Error") return foreign;
      from = Object.getPrototypeOf(from);
    }
    // One that was made without them, or an older `DOMException`.
    const tag = Object.prototype.toString.call(value).slice("[object ".length, -1);
    return tag === "Error" || tag === "DOMException" ? foreign ?? tag : undefined;
  } catch {
    return undefined; // a proxy
  }
}

/** Whether a value is an error, of any realm. Never throws. */
export function isError(value: unknown): value is Error {
  return errorType(value) !== undefined;
}
