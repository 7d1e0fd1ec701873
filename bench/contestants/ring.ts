import { type Contestant, leastLoaded } from "../contestant.ts";
import {
  ARMED,
  ASLEEP,
  createRing,
  DONE,
  NUMBERS_IN,
  type Ring,
  RING_CAPACITY,
  WRITTEN,
} from "../jobs/ring_memory.ts";
import { moduleUrl } from "../place.ts";
import { heard, startThread, type Thread } from "../thread.ts";
import { Fifo } from "./fifo.ts";

/** The functions that take and give one number, as the worker counts them. */
const FUNCTIONS: readonly string[] = ["add_one", "sort", "burn"];

interface Waiting {
  readonly input: number;
  readonly resolve: (output: number) => void;
}

/** A worker that is reached by shared memory alone, and rings when it has results and is asked to. */
class RingLine {
  readonly #thread: Thread;
  readonly #ring: Ring;
  readonly #job: number;
  readonly #sent = new Fifo<(output: number) => void>();
  /** Jobs for which the ring has no room. */
  readonly #overflow = new Fifo<Waiting>();
  #written = 0;
  #read = 0;
  #willWake = false;
  readonly #wake = (): void => {
    this.#willWake = false;
    const { control } = this.#ring;
    if (Atomics.load(control, ASLEEP) === 1) Atomics.notify(control, WRITTEN);
  };

  constructor(thread: Thread, ring: Ring, job: number) {
    this.#thread = thread;
    this.#ring = ring;
    this.#job = job;
    thread.listen(() => this.#collect());
    Atomics.store(ring.control, ARMED, 1);
  }

  get inFlight(): number {
    return this.#sent.size + this.#overflow.size;
  }

  run(input: number): Promise<number> {
    return new Promise((resolve) => {
      if (this.#sent.size === RING_CAPACITY) this.#overflow.push({ input, resolve });
      else this.#write(input, resolve);
    });
  }

  close(): unknown {
    return this.#thread.end();
  }

  #write(input: number, resolve: (output: number) => void): void {
    const { control, inputs } = this.#ring;
    const place = (this.#written & (RING_CAPACITY - 1)) * NUMBERS_IN;
    inputs[place] = this.#job;
    inputs[place + 1] = input;
    inputs[place + 2] = this.#written;
    this.#sent.push(resolve);
    this.#written = (this.#written + 1) | 0;
    Atomics.store(control, WRITTEN, this.#written);
    // Once a turn: a worker that is faster than this thread would have to be woken for every job.
    if (this.#willWake) return;
    this.#willWake = true;
    queueMicrotask(this.#wake);
  }

  /** Takes all results, arms the bell, and looks once more. */
  #collect(): void {
    const { control } = this.#ring;
    this.#take();
    Atomics.store(control, ARMED, 1);
    if (Atomics.load(control, DONE) !== this.#read) this.#take();
  }

  #take(): void {
    const { control, outputs } = this.#ring;
    const done = Atomics.load(control, DONE);
    for (; this.#read !== done; this.#read = (this.#read + 1) | 0) {
      this.#sent.shift()(outputs[this.#read & (RING_CAPACITY - 1)]);
    }
    while (this.#overflow.size > 0 && this.#sent.size < RING_CAPACITY) {
      const { input, resolve } = this.#overflow.shift();
      this.#write(input, resolve);
    }
  }
}

async function startRingLine(job: number): Promise<RingLine> {
  const thread = await startThread(moduleUrl("jobs/ring_worker"));
  const ring = createRing();
  thread.post(ring);
  await heard(thread);
  return new RingLine(thread, ring, job);
}

/**
 * The physical limit, no fair rival: a bare ring in shared memory that carries numbers and nothing
 * else, no objects, no errors, no aborts.
 */
export const ring: Contestant = {
  name: "ring",
  load: () => Promise.resolve(),
  async open({ workers, job }) {
    const number = FUNCTIONS.indexOf(job);
    if (number === -1) throw new Error("not run: it carries numbers only");
    const lines = await Promise.all(
      Array.from({ length: workers }, () => startRingLine(number)),
    );
    return {
      run: (input) => leastLoaded(lines).run(input as number),
      close: () => Promise.all(lines.map((line) => line.close())),
    };
  },
};
