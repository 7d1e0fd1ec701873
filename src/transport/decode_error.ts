import { MAX_ENTRIES, MAX_OBJECTS, type Slot, UNREADABLE, type WireError } from "./wire_error.ts";

type MakeError = (message: string, name: string) => Error;

const MAKERS: ReadonlyMap<unknown, MakeError> = new Map<unknown, MakeError>([
  ["TypeError", (message) => new TypeError(message)],
  ["RangeError", (message) => new RangeError(message)],
  ["SyntaxError", (message) => new SyntaxError(message)],
  ["ReferenceError", (message) => new ReferenceError(message)],
  ["EvalError", (message) => new EvalError(message)],
  ["URIError", (message) => new URIError(message)],
  ["AggregateError", (message) => new AggregateError([], message)],
  ["DOMException", (message, name) => new DOMException(message, name)],
]);
const OPEN = { configurable: true, writable: true } as const;
const makePlainError: MakeError = (message) => new Error(message);

/**
 * Decodes what `encodeError()` has encoded. A job may have posted it, so it can be anything: this neither
 * throws nor reads more than `encodeError()` writes.
 *
 * @param wire What has arrived.
 * @param count As it was given to `encodeError()`.
 */
export function decodeError(wire: WireError, count = 1): unknown {
  if (!Array.isArray(wire) || wire.length === 0) return UNREADABLE;
  return new Decoder(wire.slice(0, count * MAX_OBJECTS), count).decode();
}

/** Makes all objects first, and then lets them refer to each other. */
class Decoder {
  readonly #nodes: readonly (readonly unknown[])[];
  readonly #objects: readonly unknown[];
  #slotsLeft: number;

  constructor(nodes: readonly unknown[], count: number) {
    this.#nodes = nodes.map((node) => Array.isArray(node) ? node : []);
    this.#objects = this.#nodes.map(makeObject);
    this.#slotsLeft = 2 * count * (MAX_ENTRIES + MAX_OBJECTS);
  }

  decode(): unknown {
    for (let i = 0; i < this.#nodes.length; i++) this.#fill(this.#nodes[i], this.#objects[i]);
    return this.#objects[0];
  }

  #fill([form, first, , , , fields, hidden]: readonly unknown[], object: unknown): void {
    switch (form) {
      case "error":
        if (fields !== undefined) this.#define(object as Error, fields, true);
        if (hidden !== undefined) this.#define(object as Error, hidden, false);
        return;
      case "object":
        return this.#define(object as object, first, true);
      case "array":
        for (const slot of this.#take(first)) (object as unknown[]).push(this.#valueOf(slot));
        return;
      case "map":
        return this.#pairs(
          first,
          (key, value) => (object as Map<unknown, unknown>).set(key, value),
        );
      case "set":
        return this.#pairs(first, (item) => (object as Set<unknown>).add(item));
    }
  }

  /** Defines properties, so that not even `__proto__` is anything else. */
  #define(object: object, entries: unknown, enumerable: boolean): void {
    this.#pairs(entries, (key, value) => {
      if (typeof key !== "string") return;
      if (Object.hasOwn(object, key)) Reflect.set(object, key, value);
      else Reflect.defineProperty(object, key, { value, enumerable, ...OPEN });
    });
  }

  #pairs(items: unknown, hear: (key: unknown, value: unknown) => void): void {
    const slots = this.#take(items);
    for (let i = 0; i + 1 < slots.length; i += 2) {
      hear(this.#valueOf(slots[i]), this.#valueOf(slots[i + 1]));
    }
  }

  /** The slots of an object: many nodes of a look-alike may share a long list. */
  #take(items: unknown): readonly unknown[] {
    if (!Array.isArray(items)) return [];
    const slots = items.slice(0, this.#slotsLeft);
    this.#slotsLeft -= slots.length;
    return slots;
  }

  #valueOf(slot: unknown): unknown {
    if (!Array.isArray(slot)) return slot;
    return Number.isInteger(slot[0]) ? this.#objects[slot[0]] : undefined;
  }
}

function makeObject([form, first, ...texts]: readonly unknown[]): unknown {
  switch (form) {
    case "error":
      return makeError(first, ...texts.map((text) => typeof text === "string" ? text : undefined));
    case "object":
      return {};
    case "array":
      return [];
    case "map":
      return new Map();
    case "set":
      return new Set();
    case "value":
      return first;
    default:
      return UNREADABLE;
  }
}

function makeError(type: unknown, name = "Error", message = "", stack?: string): Error {
  const make = MAKERS.get(type) ?? makePlainError;
  const error = make(message, name);
  if (error.name !== name) define(error, "name", name);
  // Runtimes format the stack they have taken before they redefine it, but not before they set it.
  if (Object.hasOwn(error, "stack")) error.stack = stack;
  else define(error, "stack", stack);
  return error;
}

function define(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, ...OPEN });
}
