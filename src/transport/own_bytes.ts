import type { Movable } from "../movable.ts";
import { setOwn } from "../set_own.ts";
import { clonedForm, entriesOf, hiddenForm, tagOf } from "./cloned_form.ts";

/** Objects that are looked at before any is remembered, as that takes as long as looking. */
const FEW_OBJECTS = 4_000;
/** Objects that are remembered: to look at more would cost as much as cloning. */
const MAX_OBJECTS = 5_000;
/** Deeper objects are always remembered: else a cycle would be followed down to the last level. */
const FLAT_DEPTH = 50;
/** Items of an array that are so few that its keys cost little. */
const FEW_ITEMS = 50;
/** Depth to which objects are looked at. */
const MAX_DEPTH = 500;

/**
 * Structured clone copies the whole buffer of a view. That of a small Node `Buffer` is a pool, and
 * what else is in it is none of the receiver's business: wherever structured clone looks, views of
 * a part of their buffer are replaced by copies of their own bytes. The value itself is not changed.
 * Left as they are: objects after the first 5,000 to 9,000, objects more than 500 levels deep, and properties other
 * than items of a long array of primitives, as listing its keys costs more than cloning it.
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
    if (depth > MAX_DEPTH || !this.#isNew(value, depth)) return false;
    if (ArrayBuffer.isView(value)) return isPart(value, this.#moved);
    const form = clonedForm(value);
    switch (form) {
      case "record":
        return this.#findsInRecord(value, depth);
      case "array":
        return this.#findsInArray(value as unknown[], depth);
      case "map":
      case "set":
        return this.#findsInEntries(value, form, depth);
      case "error":
        return this.finds(causeOf(value), depth + 1);
    }
    return false;
  }

  /** Whether an object is to be looked at: what is met again is, but not often. */
  #isNew(object: object, depth: number): boolean {
    if (this.#count++ < FEW_OBJECTS && depth < FLAT_DEPTH) return true;
    if (this.#seen.size === MAX_OBJECTS || this.#seen.has(object)) return false;
    this.#seen.add(object);
    return true;
  }

  #findsInRecord(record: object, depth: number): boolean {
    let hasKeys = false;
    for (const key in record) {
      const item = (record as Record<string, unknown>)[key];
      if (typeof item === "object" && this.finds(item, depth + 1)) return true;
      hasKeys = true;
    }
    if (hasKeys || Object.getPrototypeOf(record) === Object.prototype) return false;
    const form = hiddenForm(record);
    return (form === "map" || form === "set") && this.#findsInEntries(record, form, depth);
  }

  #findsInArray(array: readonly unknown[], depth: number): boolean {
    for (let i = 0; i < array.length; i++) {
      const item = array[i];
      if (typeof item === "object" && this.finds(item, depth + 1)) return true;
    }
    const isCheap = array.length <= FEW_ITEMS || typeof array[array.length - 1] === "object";
    if (!isCheap || this.#seen.size === MAX_OBJECTS) return false;
    const keys = Object.keys(array);
    for (let i = keys.length - 1; i >= 0 && !isIndex(keys[i]); i--) {
      if (this.finds(array[keys[i] as unknown as number], depth + 1)) return true;
    }
    return false;
  }

  /** It may have properties of its own, which JavaScriptCore clones. */
  #findsInEntries(object: object, form: "map" | "set", depth: number): boolean {
    for (const [key, item] of entriesOf(object, form)) {
      if (this.finds(key, depth + 1) || item !== key && this.finds(item, depth + 1)) return true;
    }
    const own = object as Record<string, unknown>;
    return Object.keys(own).some((key) => this.finds(own[key], depth + 1));
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
    let form = clonedForm(value);
    if (form === "record" && Object.keys(value).length === 0) form = hiddenForm(value);
    switch (form) {
      case "array":
        return this.#fill(new Array((value as unknown[]).length), value, depth);
      case "map":
        return this.#fill(new Map(), value, depth, entriesOf(value, form));
      case "set":
        return this.#fill(new Set(), value, depth, entriesOf(value, form));
      case "error":
        return causeOf(value) === undefined ? value : this.#ofError(value as Error, depth);
      case "record":
        // Arguments of a function cannot be cloned, and a copy of them should not be either.
        return tagOf(value) === "[object Arguments]" ? value : this.#fill({}, value, depth);
    }
    return value;
  }

  #keep<C>(original: object, copy: C): C {
    this.#copies.set(original, copy);
    return copy;
  }

  /** Gives it what structured clone reads of an error. */
  #ofError(error: Error, depth: number): object {
    const copy = this.#keep(error, new Error());
    copy.stack = error.stack;
    const message = Object.getOwnPropertyDescriptor(error, "message");
    if (message !== undefined) setOwn(copy, "message", message.value, true);
    setOwn(copy, "name", error.name, true);
    setOwn(copy, "cause", this.of(causeOf(error), depth + 1), true);
    return copy;
  }

  #fill(
    copy: object,
    original: object,
    depth: number,
    entries: Iterable<[unknown, unknown]> = [],
  ): object {
    this.#keep(original, copy);
    for (const [key, item] of entries) {
      const own = this.of(key, depth + 1);
      if (copy instanceof Map) copy.set(own, this.of(item, depth + 1));
      else (copy as Set<unknown>).add(own);
    }
    for (const key of Object.keys(original)) {
      setOwn(copy, key, this.of((original as Record<string, unknown>)[key], depth + 1), true);
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
  if (view.constructor.name !== "Buffer") return false; // most of Node's share the memory of a pool
  throw new DOMException(
    "the memory of a small Buffer is shared with others: transfer that of Uint8Array.from(buffer)",
    "DataCloneError",
  );
}

/** Whether structured clone takes the cause of an error along: JavaScriptCore does not. */
let clonesCauses: boolean | undefined;

/** The cause of an error, if structured clone reads it. */
function causeOf(error: object): unknown {
  const cause: unknown = Object.getOwnPropertyDescriptor(error, "cause")?.value;
  if (typeof cause !== "object") return undefined;
  clonesCauses ??= structuredClone(new Error("", { cause: 1 })).cause === 1;
  return clonesCauses ? cause : undefined;
}

/** Whether a key of an array is an index; these come first. */
function isIndex(key: string): boolean {
  return String(Number(key) >>> 0) === key && key !== "4294967295";
}
