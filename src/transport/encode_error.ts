import { errorType, isError } from "../error_type.ts";
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
      if (errors < this.#errors.length) this.#read(this.#errors[errors++], true);
      else if (data < this.#data.length) this.#read(this.#data[data++], false);
      else return this.#nodes;
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
      let node = UNREAD;
      if (isError(object)) this.#errors.push(object);
      else if (isContainer(object)) this.#data.push(object);
      else {
        const size = sizeOf(object);
        if (size > this.#textLeft / 2) return `… ${size} bytes`;
        node = ["value", structuredClone(object)];
        this.#textLeft -= size;
      }
      this.#nodes.push(node);
    } catch {
      return LOST;
    }
    this.#places.set(object, place);
    return [place];
  }

  #read(object: object, asError: boolean): void {
    const place = this.#places.get(object)!;
    this.#nodes[place] = asError ? this.#readError(object) : this.#readData(object);
  }

  #readError(error: object): WireNode {
    const type = errorType(error) ?? "Error";
    const name = this.#readText(error, "name") ?? type;
    const message = this.#readText(error, "message") ?? "";
    const stack = this.#readText(error, "stack");
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
    if (hidden.length > 0) return ["error", type, name, message, stack, fields, hidden];
    if (fields.length > 0) return ["error", type, name, message, stack, fields];
    return ["error", type, name, message, stack];
  }

  #readText(error: object, name: string): string | undefined {
    try {
      const value = Reflect.get(error, name);
      return value === undefined ? undefined : this.#text(String(value));
    } catch {
      return undefined;
    }
  }

  #readField(error: object, name: string, fields: Slot[], hidden: Slot[]): boolean {
    const isShown = Object.prototype.propertyIsEnumerable.call(error, name);
    return this.#readEntry(error, name, isShown ? fields : hidden);
  }

  #readData(object: object): WireNode {
    try {
      if (Array.isArray(object)) return ["array", this.#readItems(object)];
      switch (tagOf(object)) {
        case "Map":
          return ["map", this.#readPairs(Map.prototype.entries.call(object))];
        case "Set":
          return ["set", this.#readPairs(Set.prototype.entries.call(object))];
      }
      const entries: Slot[] = [];
      for (const key of Object.keys(object)) if (!this.#readEntry(object, key, entries)) break;
      return ["object", entries];
    } catch {
      return ["object", []];
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

  #readItems(array: readonly unknown[]): Slot[] {
    const items: Slot[] = [];
    for (let i = 0; i < array.length; i++) {
      if (!this.#takeEntry()) return [...items, this.#tooMany];
      const slot = this.#slotIn(array, i);
      items.push(slot === LOST ? undefined : slot);
    }
    return items;
  }

  #readPairs(pairs: Iterable<readonly [unknown, unknown]>): Slot[] {
    const items: Slot[] = [];
    for (const pair of pairs) {
      if (!this.#takeEntry()) return [...items, this.#tooMany, this.#tooMany];
      const [key, value] = pair.map((each) => this.#slot(each));
      if (key !== LOST && value !== LOST) items.push(key, value);
    }
    return items;
  }

  #takeEntry(): boolean {
    return this.#entriesLeft > 0 && this.#entriesLeft-- > 0;
  }
}

/** Whether an object is read piece by piece; others are cloned as they are. */
function isContainer(object: object): boolean {
  if (Array.isArray(object)) return true;
  if (ArrayBuffer.isView(object)) return false;
  return ["Object", "Map", "Set"].includes(tagOf(object)) || Object.keys(object).length > 0;
}

function tagOf(object: object): string {
  return Object.prototype.toString.call(object).slice("[object ".length, -1);
}

/** Bytes of a buffer; a view is cloned with all of its buffer. */
function sizeOf(object: object): number {
  const { byteLength, size } = (ArrayBuffer.isView(object) ? object.buffer : object) as {
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
