/** One event of a stream. */
export interface SseEvent {
  readonly event: string;
  readonly data: string;
}

/** An event longer than this is not one of ours. */
const MAX_CHARACTERS = 4_000_000;

/** Reads server-sent events from text that arrives in pieces cut anywhere. */
export class SseParser {
  #rest = "";
  #event = "";
  #data: string[] = [];
  #size = 0;

  /**
   * Takes the next piece.
   *
   * @returns The events that it completes.
   * @throws {RangeError} If an event does not end.
   */
  push(piece: string): SseEvent[] {
    const events: SseEvent[] = [];
    const text = this.#rest + piece;
    // A CR at the end may be half of a CRLF.
    const held = text.endsWith("\r") ? 1 : 0;
    const lines = text.slice(0, text.length - held).split(/\r\n|\r|\n/);
    this.#rest = lines.pop()! + (held === 1 ? "\r" : "");
    for (const line of lines) {
      if (line !== "") {
        this.#take(line);
        continue;
      }
      if (this.#data.length > 0) {
        events.push({ event: this.#event || "message", data: this.#data.join("\n") });
      }
      this.#event = "";
      this.#data = [];
      this.#size = 0;
    }
    if (this.#rest.length + this.#size > MAX_CHARACTERS) {
      throw new RangeError("An event does not end");
    }
    return events;
  }

  #take(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return; // a comment keeps the connection open
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#event = value;
    if (field !== "data") return;
    this.#data.push(value);
    this.#size += value.length + 1;
  }
}
