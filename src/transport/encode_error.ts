import { jobStack } from "../define/job_stack.ts";
import { errorType, isError } from "../error_type.ts";
import { entriesOf, tagOf } from "./cloned_form.ts";
import { withOwnBytes } from "./own_bytes.ts";
import {
  MAX_ENTRIES,
  MAX_OBJECTS,
  MAX_TEXT,
  type Slot,
  UNREADABLE,
  type WireError,
  type WireNode,
} from "./wire_error.ts";

/** Characters that each text may have even when there are too many: enough for a name. */
const MIN_TEXT = 32;
/** What cannot be cloned. */
const LOST = Symbol("lost");
/** Own properties of an error that are not among its fields, or not in their turn. */
const NOT_FIELDS: readonly string[] = ["stack", "message", "name", "cause"];
/** The place of an object whose content has not been read. */
const UNREAD: WireNode = ["value", undefined];

/**
 * Encodes a thrown value. What cannot be cloned is left out, and nothing else with it. Never throws.
 *
 * @param thrown The value, or an array of values that were thrown.
 * @param count How many of them there are: the bounds are as many times as large.
 */
export function encodeError(thrown: unknown, count = 1): WireError {
  return new Encoder(count).encode(thrown);
}

/** Visits each object once, and errors before data: causes come first where there is too much. */
class Encoder {
  readonly #nodes: WireNode[] = [];
  readonly #places = new Map<object, number>();
  /** Objects with a place, in the order in which they are read. */
  readonly #errors: object[] = [];
  readonly #data: object[] = [];
  readonly #maxObjects: number;
  readonly #tooMany: string;
  #entriesLeft: number;
  #textLeft: number;

  constructor(count: number) {
    this.#maxObjects = count * MAX_OBJECTS;
    this.#entriesLeft = count * MAX_ENTRIES;
    this.#tooMany = `… more than ${this.#entriesLeft} entries`;
    this.#textLeft = count * MAX_TEXT;
  }

  encode(thrown: unknown): WireError {
    const root = this.#slot(thrown);
    if (this.#nodes.length === 0) {
      return [["value", root === LOST ? this.#text(described(thrown)) : root]];
    }
    for (let errors = 0, data = 0;;) {
      if (errors < this.#errors.length) {
        const error = this.#errors[errors++];
        this.#nodes[this.#places.get(error)!] = this.#readError(error);
      } else if (data < this.#data.length) {
        const object = this.#data[data++];
        this.#readData(object, this.#nodes[this.#places.get(object)!]);
      } else return this.#nodes;
    }
  }

  /** A value, or the place of an object. */
  #slot(value: unknown): Slot | typeof LOST {
    switch (typeof value) {
      case "string":
        return this.#text(value);
      case "function":
      case "symbol":
        return LOST;
      case "object":
        return value === null ? null : this.#place(value);
      default:
        return value as Slot;
    }
  }

  #text(text: string): string {
    const most = Math.max(MIN_TEXT, Math.floor(this.#textLeft / 2));
    this.#textLeft = Math.max(0, this.#textLeft - Math.min(text.length, most));
    if (text.length <= most) return text;
    return `${text.slice(0, most)}… ${text.length - most} more characters`;
  }

  #place(object: object): Slot | typeof LOST {
    const known = this.#places.get(object);
    if (known !== undefined) return [known];
    const place = this.#nodes.length;
    if (place === this.#maxObjects) return `… more than ${place} objects`;
    try {
      const form = formOf(object);
      if (form === "value") {
        const size = sizeOf(object);
        if (size > this.#textLeft / 2) return `… ${size} bytes`;
        this.#nodes.push([form, structuredClone(withOwnBytes(object, []))]);
        this.#textLeft -= size;
      } else {
        (form === "error" ? this.#errors : this.#data).push(object);
        this.#nodes.push(form === "error" ? UNREAD : [form, []]);
      }
    } catch {
      return LOST;
    }
    this.#places.set(object, place);
    return [place];
  }

  #readError(error: object): WireNode {
    const type = errorType(error) ?? "Error";
    const name = this.#readText(error, "name") ?? type;
    const message = this.#readText(error, "message") ?? "";
    const stack = this.#readText(error, "stack", jobStack);
    const fields: Slot[] = [];
    const hidden: Slot[] = [];
    try {
      if ("cause" in error) this.#readField(error, "cause", fields, hidden);
      for (const name of Object.getOwnPropertyNames(error)) {
        if (NOT_FIELDS.includes(name)) continue;
        if (!this.#readField(error, name, fields, hidden)) break;
      }
    } catch {
      // A proxy that does not tell what it has.
    }
    return ["error", type, name, message, stack, fields, hidden];
  }

  #readText(
    error: object,
    name: string,
    cut: (text: string) => string = String,
  ): string | undefined {
    try {
      const value = Reflect.get(error, name);
      return value === undefined ? undefined : this.#text(cut(String(value)));
    } catch {
      return undefined;
    }
  }

  #readField(error: object, name: string, fields: Slot[], hidden: Slot[]): boolean {
    const isShown = Object.prototype.propertyIsEnumerable.call(error, name);
    return this.#readEntry(error, name, isShown ? fields : hidden);
  }

  /** Adds the content of an object to its node. */
  #readData(object: object, [form, content]: WireNode): void {
    const slots = content as Slot[];
    try {
      if (form === "array") this.#readItems(object as unknown[], slots);
      else if (form === "map" || form === "set") this.#readPairs(entriesOf(object, form), slots);
      else for (const key of Object.keys(object)) if (!this.#readEntry(object, key, slots)) break;
    } catch {
      // A proxy, or no map at all: what has been read is all that there is.
    }
  }

  /** Adds a property, or the mark that there are too many: returns whether there is room for more. */
  #readEntry(object: object, key: string, entries: Slot[]): boolean {
    if (!this.#takeEntry()) return entries.push("…", this.#tooMany), false;
    const slot = this.#slotIn(object, key);
    if (slot !== LOST) entries.push(this.#text(key), slot);
    return true;
  }

  #slotIn(object: object, key: PropertyKey): Slot | typeof LOST {
    try {
      return this.#slot(Reflect.get(object, key));
    } catch { // a getter that throws
      return LOST;
    }
  }

  #readItems(array: readonly unknown[], items: Slot[]): void {
    for (let i = 0; i < array.length; i++) {
      if (!this.#takeEntry()) return void items.push(this.#tooMany);
      const slot = this.#slotIn(array, i);
      items.push(slot === LOST ? undefined : slot);
    }
  }

  #readPairs(pairs: Iterable<readonly [unknown, unknown]>, items: Slot[]): void {
    for (const pair of pairs) {
      if (!this.#takeEntry()) return void items.push(this.#tooMany, this.#tooMany);
      const [key, value] = pair.map((each) => this.#slot(each));
      if (key !== LOST && value !== LOST) items.push(key, value);
    }
  }

  #takeEntry(): boolean {
    return this.#entriesLeft > 0 && this.#entriesLeft-- > 0;
  }
}

/**
 * The form in which an object is sent: `value` if it is not read piece by piece. Not by `clonedForm()`: its
 * `instanceof` has no end on JavaScriptCore where a proxy is its own prototype.
 */
function formOf(object: object): WireNode[0] {
  if (isError(object)) return "error";
  if (Array.isArray(object)) return "array";
  if (Object.getPrototypeOf(object) === Object.prototype) return "object"; // most are
  switch (tagOf(object)) {
    case "[object Object]":
      return "object";
    case "[object Map]":
      return "map";
    case "[object Set]":
      return "set";
  }
  return ArrayBuffer.isView(object) || Object.keys(object).length === 0 ? "value" : "object";
}

/** Bytes of a buffer or a view. */
function sizeOf(object: object): number {
  const { byteLength, size } = object as {
    readonly byteLength?: unknown;
    readonly size?: unknown; // of a blob
  };
  return Number(byteLength ?? size ?? 0);
}

/** Describes what cannot be cloned at all. */
function described(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return UNREADABLE;
  }
}
