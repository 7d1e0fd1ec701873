import { TEXT_BYTES } from "./ring_memory.ts";

/**
 * A ring of UTF-8 in shared bytes: a stream of text without marks; whoever reads it knows how many
 * characters come next. A character that would run over the edge begins at the start instead.
 */
export class TextWriter {
  readonly #bytes: Uint8Array;
  readonly #control: Int32Array;
  readonly #writtenAt: number;
  readonly #readAt: number;
  #written = 0;
  /** The reader's place when it was last looked at. */
  #read = 0;

  /** `writtenAt` and `readAt` are the counters' places in `control`. */
  constructor(bytes: Uint8Array, control: Int32Array, writtenAt: number, readAt: number) {
    this.#bytes = bytes;
    this.#control = control;
    this.#writtenAt = writtenAt;
    this.#readAt = readAt;
  }

  /** Whether there is room for so many characters, whatever they are. */
  fits(characters: number): boolean {
    const size = characters * BYTES_PER_CHARACTER + FILLED_BYTES;
    if (this.#hasRoom(size)) return true;
    this.#read = Atomics.load(this.#control, this.#readAt);
    return this.#hasRoom(size);
  }

  /** Writes text that fits and has no half of a surrogate pair alone. */
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

/** The other end. */
export class TextReader {
  readonly #bytes: Uint8Array;
  readonly #control: Int32Array;
  readonly #writtenAt: number;
  readonly #readAt: number;
  #read = 0;
  /** What was decoded, and how much of it is taken. */
  #text = "";
  #taken = 0;

  constructor(bytes: Uint8Array, control: Int32Array, writtenAt: number, readAt: number) {
    this.#bytes = bytes;
    this.#control = control;
    this.#writtenAt = writtenAt;
    this.#readAt = readAt;
  }

  /** The next so many characters; they have been written. */
  take(length: number): string {
    const start = this.#taken;
    const end = start + length;
    if (end > this.#text.length) return this.#takeMore(length);
    this.#taken = end;
    return this.#text.slice(start, end);
  }

  #takeMore(length: number): string {
    let text = this.#text.slice(this.#taken);
    while (text.length < length) text += this.#decode(Math.max(length - text.length, WINDOW_BYTES));
    this.#text = text;
    this.#taken = length;
    return text.slice(0, length);
  }

  /** Decodes the next whole characters, `most` bytes of them or fewer. */
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

/** Whether a byte of UTF-8 is not the first one of its character. */
function isInside(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/**
 * Decoding more at once costs less for each text, but each text keeps all of it in memory: engines
 * make a part of a string a view of the whole.
 */
const WINDOW_BYTES = 1_024;
/** In UTF-8, of what a string counts as one. */
const BYTES_PER_CHARACTER = 3;
/** No byte of UTF-8: fills the end of the ring where a character does not fit, three at most. */
const FILLING = 0xff;
const FILLED_BYTES = 3;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Whether text can be written to shared bytes, and read from them, here: browsers refuse it. */
export function canShareText(): boolean {
  try {
    const bytes = new Uint8Array(new SharedArrayBuffer(1));
    encoder.encodeInto("a", bytes);
    return decoder.decode(bytes) === "a";
  } catch {
    return false;
  }
}
