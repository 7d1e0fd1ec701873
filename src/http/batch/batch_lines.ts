// Kept, as tests replace it by a fake.
const { queueMicrotask } = globalThis;

/** Maximum number of jobs of a batch in flight. */
const WINDOW = 64;

/** Bytes buffered for the client at which no more jobs are started. */
const HIGH_WATER_BYTES = 65_536;

/** A source of lines. */
export interface LineSource {
  /** Number of lines. */
  readonly count: number;
  /** Creates a line, without a line break. Never rejects. */
  lineOf(index: number): Promise<string>;
  /** The client has disconnected: no more lines are wanted. */
  cancel(reason: unknown): void;
  /** The last line has been sent, or is no longer wanted. */
  end(): void;
}

/**
 * A stream of lines, each sent as soon as it is ready. Only a limited number is created at a time,
 * and none while the client does not read (backpressure).
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

  /** @param source The source of the lines. */
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
   * Creates all remaining lines at once, which say why they come so early. A client that does not
   * even read the earlier ones is cut off.
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
