import { type Contestant, leastLoaded } from "../contestant.ts";
import type { Thread } from "../thread.ts";
import { Fifo } from "./fifo.ts";
import { startRawThread } from "./raw.ts";

const MAX_BATCH = 32;

/** A line that gathers the jobs of one turn into messages of at most 32. */
class BatchLine {
  readonly #thread: Thread;
  readonly #waiting = new Fifo<(output: unknown) => void>();
  #outbox: unknown[] = [];

  constructor(thread: Thread) {
    this.#thread = thread;
    thread.listen((outputs) => {
      for (const output of outputs as unknown[]) this.#waiting.shift()(output);
    });
  }

  get inFlight(): number {
    return this.#waiting.size;
  }

  run(input: unknown): Promise<unknown> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      const count = this.#outbox.push(input);
      if (count === 1) queueMicrotask(() => this.#flush());
      else if (count === MAX_BATCH) this.#flush();
    });
  }

  close(): unknown {
    return this.#thread.end();
  }

  #flush(): void {
    if (this.#outbox.length === 0) return;
    this.#thread.post(this.#outbox);
    this.#outbox = [];
  }
}

/** Up to 32 jobs per message, sent at the end of the turn that submitted them. */
export const rawBatch32: Contestant = {
  name: "raw-batch32",
  load: () => Promise.resolve(),
  async open({ workers, job }) {
    const lines = await Promise.all(
      Array.from(
        { length: workers },
        async () => new BatchLine(await startRawThread({ job, mode: "many" })),
      ),
    );
    return {
      run: (input) => leastLoaded(lines).run(input),
      close: () => Promise.all(lines.map((line) => line.close())),
    };
  },
};
