import type { Movable } from "../movable.ts";

/** Objects of a value that are looked at: with more, looking would cost as much as cloning. */
const MAX_OBJECTS = 5_000;
/** Objects that are looked at before those that were are remembered: most values have fewer. */
const FEW_OBJECTS = 50;
/** Depth to which they are. */
const MAX_DEPTH = 500;

/**
 * Structured clone copies the whole buffer of a view. That of a small Node `Buffer` is a pool, and
 * what else is in it is none of the receiver's business: in objects, arrays, maps and sets, views of
 * a part of their buffer are replaced by copies of their own bytes. The value itself is not changed.
 * In a value of more than 5,000 objects, those after them are left as they are.
 *
 * @param moved Objects to transfer: views of these buffers stay, as they are not cloned.
 * @throws {DOMException} `DataCloneError` if the pool of a `Buffer` is to be transferred.
 */
export function withOwnBytes<T>(value: T, moved: readonly Movable[]): T {
  if (typeof value !== "object" || value === null) return value;
  const search = new Search(moved);
  return search.finds(value, 0) ? new Copy(moved).of(value) as T : value;
}

/** Looks for views of a part of their buffer. */
class Search {
  readonly #moved: readonly Movable[];
  readonly #seen = new Set<object>();
  #count = 0;

  constructor(moved: readonly Movable[]) {
    this.#moved = moved;
  }

  finds(value: unknown, depth: number): boolean {
    if (typeof value !== "object" || value === null) return false;
    if (depth > MAX_DEPTH || !this.#isNew(value)) return false;
    if (ArrayBuffer.isView(value)) return isPart(value, this.#moved);
    const form = formOf(value);
    if (form === "list") return this.#findsIn(value as Iterable<unknown>, depth);
    if (form === undefined) return false;
    for (const key in value) {
      if (this.finds((value as Record<string, unknown>)[key], depth + 1)) return true;
    }
    return false;
  }

  /** Whether an object is to be looked at: what is met again is, but not often. */
  #isNew(object: object): boolean {
    if (this.#count++ < FEW_OBJECTS) return true;
    if (this.#seen.size === MAX_OBJECTS || this.#seen.has(object)) return false;
    this.#seen.add(object);
    return true;
  }

  #findsIn(items: Iterable<unknown>, depth: number): boolean {
    for (const item of items) if (this.finds(item, depth + 1)) return true; // a map's are pairs
    return false;
  }
}

/** Copies what structured clone would, and no other bytes of a buffer. */
class Copy {
  readonly #moved: readonly Movable[];
  /** Copies by their originals, so that what is shared stays shared. */
  readonly #copies = new Map<object, unknown>();

  constructor(moved: readonly Movable[]) {
    this.#moved = moved;
  }

  of(value: unknown, depth = 0): unknown {
    if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return value;
    if (this.#copies.has(value)) return this.#copies.get(value);
    if (ArrayBuffer.isView(value)) return this.#keep(value, this.#ofView(value));
    if (Array.isArray(value)) {
      return this.#fill(this.#keep(value, new Array(value.length)), value, depth);
    }
    const tag = Object.prototype.toString.call(value);
    if (tag === "[object Map]") {
      const copy = this.#keep(value, new Map<unknown, unknown>());
      for (const [key, item] of value as Map<unknown, unknown>) {
        copy.set(this.of(key, depth + 1), this.of(item, depth + 1));
      }
      return copy;
    }
    if (tag === "[object Set]") {
      const copy = this.#keep(value, new Set<unknown>());
      for (const item of value as Set<unknown>) copy.add(this.of(item, depth + 1));
      return copy;
    }
    return formOf(value) === "record" ? this.#fill(this.#keep(value, {}), value, depth) : value;
  }

  #keep<C>(original: object, copy: C): C {
    this.#copies.set(original, copy);
    return copy;
  }

  /** `defineProperty`, as `__proto__` is a key like any other. */
  #fill(copy: object, original: object, depth: number): object {
    for (const key of Object.keys(original)) {
      const value = this.of((original as Record<string, unknown>)[key], depth + 1);
      Object.defineProperty(copy, key, {
        ...{ value, configurable: true, enumerable: true, writable: true },
      });
    }
    return copy;
  }

  #ofView(view: ArrayBufferView): ArrayBufferView {
    if (!isPart(view, this.#moved)) return view;
    const { buffer, byteOffset, byteLength } = view;
    const own = buffer.slice(byteOffset, byteOffset + byteLength);
    // The built-in type: structured clone makes a plain `Uint8Array` of a `Buffer`, too.
    return new globalThis[(view as Uint8Array)[Symbol.toStringTag]](own);
  }
}

/** Whether a view has less than its buffer, which is to be cloned. */
function isPart(view: ArrayBufferView, moved: readonly Movable[]): boolean {
  const { buffer, byteLength } = view;
  if (byteLength === buffer.byteLength || !(buffer instanceof ArrayBuffer)) return false;
  if (!moved.includes(buffer)) return true;
  if (!isBuffer(view)) return false;
  throw new DOMException(
    "the memory of a small Buffer is shared with others, and cannot be transferred: transfer that " +
      "of a copy, such as Uint8Array.from(buffer)",
    "DataCloneError",
  );
}

/** Whether a view is a `Buffer` of Node: most share the memory of a pool. */
function isBuffer(view: ArrayBufferView): boolean {
  return view.constructor.name === "Buffer";
}

/** How an object is looked at: piece by piece, also if it is of a class or of another realm. */
function formOf(object: object): "list" | "record" | undefined {
  if (Array.isArray(object)) return "list";
  if (Object.getPrototypeOf(object) === Object.prototype) return "record"; // most are
  const tag = Object.prototype.toString.call(object);
  if (tag === "[object Map]" || tag === "[object Set]") return "list";
  return tag === "[object Object]" ? "record" : undefined;
}
