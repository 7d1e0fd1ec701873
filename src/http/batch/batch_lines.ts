/** Jobs of one batch that are in flight at a time. */
const WINDOW = 64;

/** Bytes that may wait for the client before no more jobs are begun. */
const HIGH_WATER_BYTES = 65_536;

/** What is answered line by line. */
export interface LineSource {
  /** How many lines there will be. */
  readonly count: number;
  /** Makes a line, without its end. Never rejects. */
  lineOf(index: number): Promise<string>;
  /** The client has gone: no more lines are wanted. */
  cancel(reason: unknown): void;
  /** The last line is on its way, or nobody wants it. */
  end(): void;
}

/**
 * A stream of lines, each as soon as it is there. Only so many are made at a time, and none is begun
 * while the client does not read those before.
 */
export class BatchLines {
  /** The lines, as bytes. */
  readonly stream: ReadableStream<Uint8Array>;
  readonly #source: LineSource;
  readonly #encoder = new TextEncoder();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #begun = 0;
  #running = 0;
  #lines = "";
  #isHurried = false;
  #isOver = false;

  /** @param source What is answered. */
  constructor(source: LineSource) {
    this.#source = source;
    const strategy = {
      highWaterMark: HIGH_WATER_BYTES,
      size: (chunk?: Uint8Array) => chunk!.length,
    };
    this.stream = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#controller = controller),
      pull: () => this.#begin(),
      cancel: (reason) => {
        this.#finish();
        source.cancel(reason);
      },
    }, strategy);
  }

  /**
   * Makes all lines that are left at once: they say why they come so soon. A client that does not
   * even read those before is cut off.
   */
  hurry(reason: Error): void {
    if (this.#isOver) return;
    if (this.#controller!.desiredSize! <= 0) {
      this.#finish();
      this.#controller!.error(reason);
      return;
    }
    this.#isHurried = true;
    this.#begin();
  }

  #begin(): void {
    if (this.#isOver) return;
    if (this.#source.count === 0) this.#flush();
    while (this.#begun < this.#source.count && this.#mayBegin()) {
      this.#running++;
      this.#source.lineOf(this.#begun++).then((line) => this.#add(line));
    }
  }

  #mayBegin(): boolean {
    if (this.#isHurried) return true;
    return this.#running < WINDOW && this.#controller!.desiredSize! > 0;
  }

  /** Jobs that end in the same turn share a chunk. */
  #add(line: string): void {
    this.#running--;
    if (this.#isOver) return;
    if (this.#lines === "") queueMicrotask(() => this.#flush());
    this.#lines += line + "\n";
  }

  #flush(): void {
    if (this.#isOver) return;
    const lines = this.#lines;
    this.#lines = "";
    if (lines !== "") this.#controller!.enqueue(this.#encoder.encode(lines));
    const isLast = this.#running === 0 && this.#begun === this.#source.count;
    if (!isLast) return this.#begin();
    this.#finish();
    this.#controller!.close();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#source.end();
  }
}
