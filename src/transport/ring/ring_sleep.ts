import * as ring from "./ring_memory.ts";
import { SpinBudget } from "./spin_budget.ts";

/** A getter on Node, so read once. */
const { performance } = globalThis;

/**
 * How long a worker spins before it parks: about the length of the router's turns. With a tenth, a lone
 * call takes 71 instead of 1.3 µs, and 256 in flight are 9 % fewer a second.
 */
const SPIN_MS = 0.2;

/**
 * How a worker waits for calls: it spins briefly where another call is likely, and then parks in its
 * event loop, where it costs nothing and a message wakes it.
 */
export class RingSleep {
  readonly #memory: ring.RingMemory;
  readonly #cores: number;
  readonly #budget = new SpinBudget();
  #isAwake = false;
  /** Since when it has been idle, `NaN` if it is not; how long it was idle last, in ms. */
  #idleSinceMs = NaN;
  #gapMs = 0;

  constructor(memory: ring.RingMemory, cores: number) {
    this.#memory = memory;
    this.#cores = cores;
    Atomics.store(memory.control, ring.SLEEP, ring.PARKED);
  }

  /** Marks the worker as awake: it need not be woken. */
  wake(): void {
    this.#count(true);
    Atomics.store(this.#memory.control, ring.SLEEP, ring.AWAKE);
  }

  /** A call has been found. */
  found(nowMs: number): void {
    if (!(this.#idleSinceMs >= 0)) return;
    this.#gapMs = nowMs - this.#idleSinceMs;
    this.#idleSinceMs = NaN;
  }

  /**
   * Waits for a call after the first `taken`; returns whether it has come, or the worker is parked.
   * `isSure` says that the next call is about to be published.
   */
  wait(taken: number, isSure: boolean): boolean {
    const nowMs = performance.now();
    if (!(this.#idleSinceMs >= 0)) this.#idleSinceMs = nowMs;
    const isLikely = isSure || this.#gapMs <= SPIN_MS;
    return (isLikely && this.#budget.take() && this.#spin(taken, nowMs)) || !this.#park(taken);
  }

  /** Parks, unless a call has come; returns whether it did. */
  #park(taken: number): boolean {
    const { control } = this.#memory;
    Atomics.store(control, ring.SLEEP, ring.PARKED);
    if (Atomics.load(control, ring.WRITTEN) !== taken) {
      Atomics.store(control, ring.SLEEP, ring.AWAKE);
      return false;
    }
    this.#count(false);
    return true;
  }

  /** Spins for a short while, as long as a core is spare; returns whether a call came. */
  #spin(taken: number, startMs: number): boolean {
    const { control, awake } = this.#memory;
    let spunMs = 0;
    while (spunMs <= SPIN_MS && Atomics.load(awake, 0) < this.#cores) {
      const calls = (Atomics.load(control, ring.WRITTEN) - taken) | 0;
      if (calls !== 0) {
        this.#budget.spend(spunMs, calls);
        return true;
      }
      spunMs = performance.now() - startMs;
    }
    this.#budget.spend(spunMs, 0);
    return false;
  }

  /** Adds this worker to those that are awake, or removes it. */
  #count(isAwake: boolean): void {
    if (this.#isAwake === isAwake) return;
    this.#isAwake = isAwake;
    const { control, awake } = this.#memory;
    Atomics.store(control, ring.COUNTED, isAwake ? 1 : 0);
    Atomics.add(awake, 0, isAwake ? 1 : -1);
  }
}
