import { MAX_TIMER_MS, type Timer } from "../../src/clock.ts";
import { VirtualClock } from "../../src/testing/virtual_clock.ts";

/** Something that is to happen. */
class Planned implements Timer {
  readonly atMs: number;
  readonly #clock: WatchedClock;
  /** Whether a real one would keep the process alive. */
  holds = true;
  timer: Timer | null = null;

  constructor(atMs: number, clock: WatchedClock) {
    this.atMs = atMs;
    this.#clock = clock;
  }

  cancel(): void {
    this.#clock.planned.delete(this);
    this.timer!.cancel();
  }

  unref(): void {
    this.holds = false;
  }
}

/**
 * The virtual clock of the test kit, on a machine with a core for each thread, and what a test asks of it:
 * what is still to come, and a run of code with promises. Timers of 0 ms are as the router sets them.
 */
export class WatchedClock extends VirtualClock {
  /** What is still to come. */
  readonly planned: Set<Planned> = new Set();

  override setTimer<A>(delayMs: number, fn: (arg: A) => void, arg: A): Timer {
    if (!(delayMs >= 0 && delayMs <= MAX_TIMER_MS)) throw new RangeError(`No delay: ${delayMs} ms`);
    return this.at(this.now() + delayMs, fn, arg);
  }

  override at<A>(atMs: number, fn: (arg: A) => void, arg: A): Timer {
    const planned = new Planned(atMs, this);
    this.planned.add(planned);
    planned.timer = super.at(atMs, () => {
      this.planned.delete(planned);
      fn(arg);
    }, undefined);
    return planned;
  }

  /** Events still to come. */
  get pending(): number {
    return this.planned.size;
  }

  /** Whether something is due that has not happened yet, as the loop was occupied. */
  get isLate(): boolean {
    return [...this.planned].some(({ atMs }) => atMs <= this.now());
  }

  /** Those that would keep a process alive. */
  get holding(): number {
    return [...this.planned].filter(({ holds }) => holds).length;
  }

  /** Lets everything happen. A world that has not come to rest after `maxTurns` is a failure. */
  override run(maxTurns = 1_000_000): void {
    super.run(maxTurns);
  }

  /** The same for code with promises: a macrotask lets all of them settle, whatever their number. */
  async runAsync(maxTurns = 10_000): Promise<void> {
    await macrotask();
    for (let i = 0; i < maxTurns; i++) {
      if (!this.step()) return;
      await macrotask();
    }
    throw new Error(`The world has not come to rest after ${maxTurns} turns, at ${this.now()} ms`);
  }
}

/** A turn of the real event loop. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
