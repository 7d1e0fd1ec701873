import { CELLS, type ValueMemory } from "./ring_memory.ts";
import { isRecord, NO_INDEX } from "../cloned_form.ts";
import { TextReader, TextWriter } from "./text_ring.ts";

const MAX_DEPTH = 4;
const MAX_OBJECTS = 32;
const MAX_CHARACTERS = 2_048;
const MAX_CELLS = 256;
/**
 * Number of keys that both ends remember. With one more, the writer starts again: the keys of
 * dictionaries, which never come again, must not keep the places of those of records.
 */
const MAX_KEYS = 512;
/** The reader publishes its counter after this many cells. After each, a lone call costs 8 % more CPU. */
const TELL_CELLS: number = CELLS / 8;

// What a cell holds, in the low bits of its tag; the bits above are the index of its key.
const UNDEFINED = 0;
const NULL = 1;
const FALSE = 2;
const TRUE = 3;
const NUMBER = 4;
/** The number is a length, in characters, in the ring of text. */
const TEXT = 5;
/** The number is how many items or properties follow, each with its contents. */
const ARRAY = 6;
const OBJECT = 7;
/** Key of the next cell, as text; known by its index from now on. */
const KEY = 8;
/** The number is a 64-bit integer. */
const INTEGER = 9;
const TAG_BITS = 4;
const TAGS: number = (1 << TAG_BITS) - 1;

/**
 * Writes values into cells that the other end reads, in order: numbers, 64-bit bigints, text,
 * booleans, `null` and `undefined`, small arrays and plain objects of them, with the same result as structured clone.
 * A cell is a tag and a number. A key is sent as text once, and as a number after that, so that
 * records of the same shape cost little more than their values: about a third of JSON.
 */
export class ValueWriter {
  readonly #tags: Int32Array;
  readonly #numbers: Float64Array;
  /** The same memory, as integers. */
  readonly #integers: BigInt64Array;
  readonly #control: Int32Array;
  readonly #readAt: number;
  readonly #textRing: TextWriter;
  /** The keys that the other end knows, as encoded in tags, and their names in order. */
  #keys: Record<string, number | undefined> = Object.create(null);
  #names: string[] = [];
  /** Cells written so far, and the reader's counter, as last read. */
  #written = 0;
  #read = 0;
  /** The value being written must not reach this cell. */
  #end = 0;
  /** Text of the values since the last `flush()`. */
  #text = "";
  /** Objects in the value being written: one that is visited twice is not plain. */
  readonly #objects: (object | null)[] = new Array(MAX_OBJECTS).fill(null);
  #objectCount = 0;

  constructor({ tags, numbers, text, control, places }: ValueMemory) {
    this.#tags = tags;
    this.#numbers = numbers;
    this.#integers = new BigInt64Array(numbers.buffer);
    this.#control = control;
    this.#readAt = places.cellsRead;
    this.#textRing = new TextWriter(text, control, places.textWritten, places.textRead);
  }

  /**
   * Adds a value; returns `false` if it is too large, there is no room, or it needs structured
   * clone.
   */
  add(value: unknown): boolean {
    if (!this.#hasRoom()) return false;
    const written = this.#written;
    if (typeof value === "number") return this.#cell(NUMBER, value);
    const { length } = this.#text;
    const keys = this.#keys;
    const known = this.#names.length;
    this.#end = (written + MAX_CELLS) | 0;
    try {
      if (this.#put(value, 0, 0) && this.#fits(length)) return true;
    } catch {
      // A getter threw: cloning the value reports that.
    } finally {
      while (this.#objectCount > 0) this.#objects[--this.#objectCount] = null;
    }
    this.#written = written;
    this.#text = this.#text.slice(0, length);
    this.#forget(this.#keys === keys ? known : 0);
    return false;
  }

  /** Completes the values added: before this, the other end must not read them. */
  flush(): void {
    if (this.#text.length === 0) return;
    this.#textRing.write(this.#text);
    this.#text = "";
  }

  #hasRoom(): boolean {
    if (((this.#written - this.#read) | 0) <= CELLS - MAX_CELLS) return true;
    this.#read = Atomics.load(this.#control, this.#readAt);
    return ((this.#written - this.#read) | 0) <= CELLS - MAX_CELLS;
  }

  #fits(before: number): boolean {
    const { length } = this.#text;
    return length === before || (length - before <= MAX_CHARACTERS && this.#textRing.fits(length));
  }

  #cell(tag: number, number: number): boolean {
    const place = this.#written & (CELLS - 1);
    this.#tags[place] = tag;
    this.#numbers[place] = number;
    this.#written = (this.#written + 1) | 0;
    return true;
  }

  /** Writes a value under a key, given as encoded in a tag. */
  #put(value: unknown, key: number, depth: number): boolean {
    if (this.#written === this.#end) return false;
    switch (typeof value) {
      case "number":
        return this.#cell(NUMBER | key, value);
      case "string":
        return this.#putText(TEXT | key, value);
      case "boolean":
        return this.#cell((value ? TRUE : FALSE) | key, 0);
      case "undefined":
        return this.#cell(UNDEFINED | key, 0);
      case "bigint":
        return this.#putInteger(INTEGER | key, value);
      case "object":
        return value === null ? this.#cell(NULL | key, 0) : this.#putObject(value, key, depth + 1);
      default:
        return false;
    }
  }

  #putInteger(tag: number, value: bigint): boolean {
    if (BigInt.asIntN(64, value) !== value) return false;
    this.#integers[this.#written & (CELLS - 1)] = value;
    this.#tags[this.#written & (CELLS - 1)] = tag;
    this.#written = (this.#written + 1) | 0;
    return true;
  }

  /** Refuses text with a lone surrogate, which UTF-8 cannot encode. */
  #putText(tag: number, text: string): boolean {
    if (text.length > MAX_CHARACTERS || !text.isWellFormed()) return false;
    this.#text += text;
    return this.#cell(tag, text.length);
  }

  #putObject(value: object, key: number, depth: number): boolean {
    const isArray = Array.isArray(value);
    const prototype = isArray ? Array.prototype : Object.prototype;
    if (Object.getPrototypeOf(value) !== prototype) return false;
    if (depth > MAX_DEPTH || !this.#isNew(value)) return false;
    return isArray ? this.#putArray(value, key, depth) : this.#putRecord(value, key, depth);
  }

  #isNew(object: object): boolean {
    const objects = this.#objects;
    const count = this.#objectCount;
    for (let i = 0; i < count; i++) if (objects[i] === object) return false;
    if (count === MAX_OBJECTS) return false;
    objects[count] = object;
    this.#objectCount++; // resetting an array's `length` would be slow
    return true;
  }

  #putArray(value: readonly unknown[], key: number, depth: number): boolean {
    // Refuses other keys and holes; with as many of both, the last key is not the last index.
    if (value.length > MAX_CELLS) return false;
    // Rows, and too many of them.
    if (value.length > MAX_OBJECTS && typeof value[0] === "object" && value[0] !== null) {
      return false;
    }
    const keys = Object.keys(value);
    if (keys.length !== value.length) return false;
    if (keys.length > 0 && keys[keys.length - 1] !== String(value.length - 1)) return false;
    this.#cell(ARRAY | key, value.length);
    for (let i = 0; i < keys.length; i++) {
      const item = value[i];
      if (item === undefined && !Object.hasOwn(value, i)) return false; // a getter deleted it
      if (!this.#put(item, 0, depth)) return false;
    }
    return true;
  }

  #putRecord(value: object, key: number, depth: number): boolean {
    const names = Object.keys(value);
    // Another object may have been given the prototype of a record.
    if (!(names[0] >= NO_INDEX) && !isRecord(value, names.length > 0)) return false;
    this.#cell(OBJECT | key, names.length);
    for (let i = 0; i < names.length; i++) {
      const name = names[i];
      const item = (value as Record<string, unknown>)[name];
      if (item === undefined && !Object.hasOwn(value, name)) return false; // a getter deleted it
      const key = this.#keys[name] ?? this.#addKey(name);
      if (key < 0 || !this.#put(item, key, depth)) return false;
    }
    return true;
  }

  /** Sends a key; returns it as encoded in tags, negative if it cannot be sent. */
  #addKey(name: string): number {
    // The reader assigns, which fails for an inherited name if `Object.prototype` is frozen.
    if (name in Object.prototype || this.#written === this.#end) return -1;
    if (this.#names.length === MAX_KEYS) {
      this.#keys = Object.create(null);
      this.#names = [];
    }
    const key = (this.#names.length + 1) << TAG_BITS;
    if (!this.#putText(KEY | key, name)) return -1;
    this.#keys[name] = key;
    this.#names.push(name);
    return key;
  }

  /** Forgets all keys but the first `count`: the cells of the others are discarded. */
  #forget(count: number): void {
    while (this.#names.length > count) delete this.#keys[this.#names.pop()!];
  }
}

/** Reads the values, in order. */
export class ValueReader {
  readonly #tags: Int32Array;
  readonly #numbers: Float64Array;
  readonly #integers: BigInt64Array;
  readonly #control: Int32Array;
  readonly #readAt: number;
  readonly #text: TextReader;
  /** Keys by index, from 1. */
  readonly #keys: string[] = [""];
  #read = 0;
  #told = 0;

  constructor({ tags, numbers, text, control, places }: ValueMemory) {
    this.#tags = tags;
    this.#numbers = numbers;
    this.#integers = new BigInt64Array(numbers.buffer);
    this.#control = control;
    this.#readAt = places.cellsRead;
    this.#text = new TextReader(text, control, places.textWritten, places.textRead);
  }

  /** Reads the next value, which must have been published. */
  next(): unknown {
    const value = this.#get(this.#read & (CELLS - 1));
    if (((this.#read - this.#told) | 0) >= TELL_CELLS) {
      this.#told = this.#read;
      Atomics.store(this.#control, this.#readAt, this.#read);
    }
    return value;
  }

  /** Reads the value whose first cell is at index `place`, the next one. */
  #get(place: number): unknown {
    this.#read = (this.#read + 1) | 0;
    const number = this.#numbers[place];
    switch (this.#tags[place] & TAGS) {
      case NUMBER:
        return asInteger(number);
      case TEXT:
        return this.#text.take(number);
      case OBJECT:
        return this.#getRecord(number);
      case ARRAY:
        return this.#getArray(number);
      case TRUE:
        return true;
      case FALSE:
        return false;
      case NULL:
        return null;
      case INTEGER:
        return this.#integers[place];
      default:
        return undefined;
    }
  }

  #getArray(length: number): unknown[] {
    const items: unknown[] = [];
    for (let i = 0; i < length; i++) items.push(this.#get(this.#read & (CELLS - 1)));
    return items;
  }

  #getRecord(size: number): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    for (let i = 0; i < size; i++) {
      let place = this.#read & (CELLS - 1);
      if ((this.#tags[place] & TAGS) === KEY) place = this.#learn(place);
      const key = this.#keys[this.#tags[place] >> TAG_BITS];
      record[key] = this.#get(place);
    }
    return record;
  }

  /** Reads a key; returns the index of the cell after it. */
  #learn(place: number): number {
    this.#keys[this.#tags[place] >> TAG_BITS] = this.#text.take(this.#numbers[place]);
    this.#read = (this.#read + 1) | 0;
    return this.#read & (CELLS - 1);
  }
}

/**
 * The same number, as a small integer if it is one. Engines keep what is read from a `Float64Array` as a
 * double: loops, indices and lists of the job that gets it would run on floating point.
 */
function asInteger(number: number): number {
  const integer = number | 0;
  return integer === number && (integer !== 0 || 1 / number > 0) ? integer : number;
}
