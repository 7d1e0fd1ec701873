import { type Contestant, leastLoaded } from "../contestant.ts";
import type { RawInit } from "../jobs/raw_worker.ts";
import { moduleUrl } from "../place.ts";
import { heard, startThread, type Thread } from "../thread.ts";
import { Fifo } from "./fifo.ts";

/** The plainest line to a worker: one `postMessage` per job, answers in order. */
export class RawLine {
  readonly #thread: Thread;
  readonly #waiting = new Fifo<(output: unknown) => void>();

  constructor(thread: Thread) {
    this.#thread = thread;
    thread.listen((output) => this.#waiting.shift()(output));
  }

  get inFlight(): number {
    return this.#waiting.size;
  }

  run(input: unknown, transfer?: Transferable[]): Promise<unknown> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#thread.post(input, transfer);
    });
  }

  close(): unknown {
    return this.#thread.end();
  }
}

/** Starts a worker of the message baselines. */
export async function startRawThread(init: RawInit): Promise<Thread> {
  const thread = await startThread(moduleUrl("jobs/raw_worker"));
  thread.post(init);
  await heard(thread);
  return thread;
}

/** Several of them at once. */
export async function startRawLines(count: number, init: RawInit): Promise<RawLine[]> {
  const threads = await Promise.all(Array.from({ length: count }, () => startRawThread(init)));
  return threads.map((thread) => new RawLine(thread));
}

/** One message per job, to the worker that has the fewest: what a pool cannot do without. */
export const raw: Contestant = {
  name: "raw",
  load: () => Promise.resolve(),
  async open({ workers, job }) {
    const lines = await startRawLines(workers, { job, mode: "one" });
    return {
      run: (input) => leastLoaded(lines).run(input),
      close: () => Promise.all(lines.map((line) => line.close())),
    };
  },
};
