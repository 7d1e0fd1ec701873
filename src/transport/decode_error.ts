import { BUILT_IN } from "../error_type.ts";
import { setOwn } from "../set_own.ts";
import { MAX_ENTRIES, MAX_OBJECTS, UNREADABLE, type WireError } from "./wire_error.ts";

type MakeError = new (message: string, name: string) => Error;

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
  readonly #nodes: readonly unknown[];
  readonly #objects: unknown[] = [];
  #slotsLeft: number;

  constructor(nodes: readonly unknown[], count: number) {
    this.#nodes = nodes;
    this.#slotsLeft = 2 * count * (MAX_ENTRIES + MAX_OBJECTS);
  }

  decode(): unknown {
    const nodes = this.#nodes;
    for (let i = 0; i < nodes.length; i++) this.#objects.push(makeObject(listOf(nodes[i])));
    for (let i = 0; i < nodes.length; i++) this.#fill(this.#objects[i], listOf(nodes[i]));
    return this.#objects[0];
  }

  #fill(object: unknown, node: readonly unknown[]): void {
    switch (node[0]) {
      case "error":
        this.#define(object as Error, listOf(node[5]), true);
        return this.#define(object as Error, listOf(node[6]), false);
      case "object":
        return this.#define(object as object, listOf(node[1]), true);
      case "array":
        return this.#each(listOf(node[1]), 1, (item) => (object as unknown[]).push(item));
      case "map":
        return this.#each(
          listOf(node[1]),
          2,
          (key, value) => (object as Collection).set(key, value),
        );
      case "set":
        return this.#each(listOf(node[1]), 2, (item) => (object as Set<unknown>).add(item));
    }
  }

  /** Sets properties: one that is there stays as visible as it is. */
  #define(object: object, entries: readonly unknown[], enumerable: boolean): void {
    this.#each(entries, 2, (key, value) => {
      if (typeof key !== "string") return;
      if (Object.hasOwn(object, key)) (object as Record<string, unknown>)[key] = value;
      else setOwn(object, key, value, enumerable);
    });
  }

  /** Reads slots one or two at a time. Many nodes of a look-alike may share a long list of them. */
  #each(slots: readonly unknown[], step: 1 | 2, take: (one: unknown, next: unknown) => void): void {
    const end = Math.min(slots.length, this.#slotsLeft);
    this.#slotsLeft -= end;
    for (let i = 0; i < end; i += step) take(this.#valueOf(slots[i]), this.#valueOf(slots[i + 1]));
  }

  #valueOf(slot: unknown): unknown {
    if (!Array.isArray(slot)) return slot;
    return Number.isInteger(slot[0]) ? this.#objects[slot[0]] : undefined;
  }
}

type Collection = Map<unknown, unknown>;

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function makeObject(node: readonly unknown[]): unknown {
  switch (node[0]) {
    case "error":
      return makeError(node[1], textOf(node[2]), textOf(node[3]), textOf(node[4]));
    case "object":
      return {};
    case "array":
      return [];
    case "map":
      return new Map();
    case "set":
      return new Set();
    case "value":
      return node[1];
    default:
      return UNREADABLE;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function makeError(type: unknown, name = "Error", message = "", stack?: string): Error {
  const Type = (BUILT_IN.find(({ name }) => name === type) ?? Error) as MakeError;
  const error = Type === AggregateError ? new AggregateError([], message) : new Type(message, name);
  if (error.name !== name) setOwn(error, "name", name);
  // Runtimes format the stack they have taken before they redefine it, but not before they set it.
  if (Object.hasOwn(error, "stack")) error.stack = stack;
  else setOwn(error, "stack", stack);
  return error;
}
