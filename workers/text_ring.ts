import { TEXT_BYTES } from "./ring_memory.ts";

/**
 * A ring of JSON records in shared bytes. Each record is preceded by a comma, so that all that has
 * been written since the last look is parsed at once, as one array: that costs about half of
 * parsing record by record. No text runs over the edge: the rest of the ring is filled with blanks instead,
 * which JSON takes for nothing.
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

  /** Whether there is room for so many characters, whatever they are, and for blanks before them. */
  fits(characters: number): boolean {
    const size = characters * BYTES_PER_CHARACTER;
    if (this.#hasRoom(size)) return true;
    this.#read = Atomics.load(this.#control, this.#readAt);
    return this.#hasRoom(size);
  }

  /** Writes records, each after a comma; they fit. */
  write(records: string): void {
    const size = records.length * BYTES_PER_CHARACTER;
    let start = this.#written & (TEXT_BYTES - 1);
    if (start + size > TEXT_BYTES) {
      this.#bytes.fill(BLANK, start);
      this.#written += TEXT_BYTES - start;
      start = 0;
    }
    const { written } = encoder.encodeInto(records, this.#bytes.subarray(start, start + size));
    this.#written = (this.#written + written) | 0;
    Atomics.store(this.#control, this.#writtenAt, this.#written);
  }

  #hasRoom(size: number): boolean {
    return 2 * size <= TEXT_BYTES - ((this.#written - this.#read) | 0);
  }
}

/** The other end. */
export class TextReader {
  readonly #bytes: Uint8Array;
  readonly #control: Int32Array;
  readonly #writtenAt: number;
  readonly #readAt: number;
  #read = 0;
  #records: unknown[] = [];
  #next = 0;

  constructor(bytes: Uint8Array, control: Int32Array, writtenAt: number, readAt: number) {
    this.#bytes = bytes;
    this.#control = control;
    this.#writtenAt = writtenAt;
    this.#readAt = readAt;
  }

  /** The next record; it has been written. */
  next(): unknown {
    if (this.#next === this.#records.length) this.#take();
    return this.#records[this.#next++];
  }

  #take(): void {
    const written = Atomics.load(this.#control, this.#writtenAt);
    const start = this.#read & (TEXT_BYTES - 1);
    const end = start + ((written - this.#read) | 0);
    const text = end <= TEXT_BYTES
      ? this.#decode(start, end)
      : this.#decode(start, TEXT_BYTES) + this.#decode(0, end - TEXT_BYTES);
    this.#read = written;
    Atomics.store(this.#control, this.#readAt, written);
    this.#records = JSON.parse(`[${text.slice(text.indexOf(",") + 1)}]`);
    this.#next = 0;
  }

  #decode(start: number, end: number): string {
    return decoder.decode(this.#bytes.subarray(start, end));
  }
}

const BLANK = 0x20;
/** In UTF-8, of what a string counts as one. */
const BYTES_PER_CHARACTER = 3;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
