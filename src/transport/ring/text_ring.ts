import { TEXT_BYTES } from "./ring_memory.ts";

/**
 * The writer of a ring of UTF-8 in shared memory. The text has no delimiters: the reader knows how
 * many characters come next. A character that would cross the end is put at the start instead.
 */
export class TextWriter {
  readonly #bytes: Uint8Array;
  readonly #control: Int32Array;
  readonly #writtenAt: number;
  readonly #readAt: number;
  #written = 0;
  /** The reader's counter, as last read. */
  #read = 0;

  /** `writtenAt` and `readAt` are the indices of the counters in `control`. */
  constructor(bytes: Uint8Array, control: Int32Array, writtenAt: number, readAt: number) {
    this.#bytes = bytes;
    this.#control = control;
    this.#writtenAt = writtenAt;
    this.#readAt = readAt;
  }

  /** Whether there is room for any text of this many characters. */
  fits(characters: number): boolean {
    const size = characters * BYTES_PER_CHARACTER + FILLED_BYTES;
    if (this.#hasRoom(size)) return true;
    this.#read = Atomics.load(this.#control, this.#readAt);
    return this.#hasRoom(size);
  }

  /** Writes text, which must fit and be well-formed (no lone surrogates). */
  write(text: string): void {
    const start = this.#written & (TEXT_BYTES - 1);
    const { read, written } = encoder.encodeInto(text, this.#bytes.subarray(start));
    if (read === text.length) {
      this.#written = (this.#written + written) | 0;
    } else {
      this.#bytes.fill(FILLING, start + written);
      const rest = encoder.encodeInto(text.slice(read), this.#bytes);
      this.#written = (this.#written + TEXT_BYTES - start + rest.written) | 0;
    }
    Atomics.store(this.#control, this.#writtenAt, this.#written);
  }

  #hasRoom(size: number): boolean {
    return size <= TEXT_BYTES - ((this.#written - this.#read) | 0);
  }
}

/** The reader of a ring of text. */
export class TextReader {
  readonly #bytes: Uint8Array;
  readonly #control: Int32Array;
  readonly #writtenAt: number;
  readonly #readAt: number;
  #read = 0;
  /** Decoded text, and how many characters of it have been taken. */
  #text = "";
  #taken = 0;

  constructor(bytes: Uint8Array, control: Int32Array, writtenAt: number, readAt: number) {
    this.#bytes = bytes;
    this.#control = control;
    this.#writtenAt = writtenAt;
    this.#readAt = readAt;
  }

  /** Takes the next `length` characters, which must have been written. */
  take(length: number): string {
    const start = this.#taken;
    const end = start + length;
    if (end > this.#text.length) return this.#takeMore(length);
    this.#taken = end;
    return copyOf(this.#text, start, end);
  }

  #takeMore(length: number): string {
    let text = this.#text.slice(this.#taken);
    while (text.length < length) text += this.#decode(Math.max(length - text.length, WINDOW_BYTES));
    this.#text = text;
    this.#taken = length;
    return copyOf(text, 0, length);
  }

  /** Decodes the next whole characters, up to `most` bytes. */
  #decode(most: number): string {
    const written = Atomics.load(this.#control, this.#writtenAt);
    const start = this.#read & (TEXT_BYTES - 1);
    const there = Math.min((written - this.#read) | 0, TEXT_BYTES - start);
    let end = start + Math.min(there, most);
    while (end < start + there && isInside(this.#bytes[end])) end--;
    this.#read = (this.#read + end - start) | 0;
    while (this.#bytes[end - 1] === FILLING) end--;
    const text = decoder.decode(this.#bytes.subarray(start, end));
    Atomics.store(this.#control, this.#readAt, this.#read);
    return text;
  }
}

/** Whether a byte is a continuation byte of UTF-8. */
function isInside(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/**
 * A part of a text, as a text of its own. Engines make a substring a view of its parent: if it is kept,
 * so is all that was decoded with it, and a loop over its characters takes 1.5 times as long (V8). Of
 * what copies it, `join()` costs least, 50 ns.
 */
function copyOf(text: string, start: number, end: number): string {
  const length = end - start;
  if (length === text.length) return text;
  return length < 2 ? text.slice(start, end) : [text.slice(start, end - 1), text[end - 1]].join("");
}

/**
 * Bytes to decode at once, unless a text is longer. With 128 or 4,096, 15 and 10 % fewer records a second,
 * 256 in flight.
 */
const WINDOW_BYTES = 1_024;
/** Maximum number of bytes of UTF-8 per UTF-16 code unit. */
const BYTES_PER_CHARACTER = 3;
/** Never occurs in UTF-8: fills up to three bytes at the end where a character does not fit. */
const FILLING = 0xff;
const FILLED_BYTES = 3;
// Test environments without them (jsdom) send messages.
const hasCodecs = typeof TextEncoder === "function" && typeof TextDecoder === "function";
const encoder = hasCodecs ? new TextEncoder() : undefined!;
const decoder = hasCodecs ? new TextDecoder("utf-8", { ignoreBOM: true }) : undefined!;

/** Whether this runtime encodes text into shared memory and decodes it: browsers do not. */
export function canShareText(): boolean {
  if (!hasCodecs) return false;
  try {
    const bytes = new Uint8Array(new SharedArrayBuffer(1));
    encoder.encodeInto("a", bytes);
    return decoder.decode(bytes) === "a";
  } catch {
    return false;
  }
}
