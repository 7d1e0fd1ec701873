import { plainLength } from "../../workers/plain_value.ts";
import type { TextWriter } from "../../workers/text_ring.ts";

/** Gathers payloads that go through the ring of text: together they cost half of one by one. */
export class TextOutbox {
  readonly #writer: TextWriter;
  #payloads: unknown[] = [];
  /** Their length as text, about. */
  #length = 0;

  constructor(writer: TextWriter) {
    this.#writer = writer;
  }

  /** Takes a payload, if it can go as text and there is room; tells whether it has. */
  add(payload: unknown): boolean {
    const length = this.#length + plainLength(payload);
    if (!this.#writer.fits(length)) return false;
    this.#length = length;
    this.#payloads.push(payload);
    return true;
  }

  /**
   * Writes what was gathered.
   *
   * @returns The payloads if they could not be written: some of them have been changed since they
   * were added, or are longer as text than it seemed.
   */
  write(): readonly unknown[] | null {
    if (this.#payloads.length === 0) return null;
    const payloads = this.#payloads;
    this.#payloads = [];
    this.#length = 0;
    const records = recordsOf(payloads);
    if (records === undefined || !this.#writer.fits(records.length)) return payloads;
    this.#writer.write(records);
    return null;
  }
}

function recordsOf(payloads: readonly unknown[]): string | undefined {
  try {
    return "," + JSON.stringify(payloads).slice(1, -1);
  } catch {
    return undefined;
  }
}
