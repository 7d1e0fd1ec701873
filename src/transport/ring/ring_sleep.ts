import * as ring from "./ring_memory.ts";

/** A getter on Node, so read once. */
const { performance } = globalThis;

/** How long a worker spins before it sleeps: about the length of the router's turns. */
const SLEEPLESS_MS = 0.2;
const LOOKS_PER_CLOCK = 64;
/** Longest single sleep on the ring: Deno cannot terminate a worker during one. */
const WAIT_MS = 1;
/** After this long without work it parks in its event loop. */
const PARK_AFTER_MS = 20;

/** What is known of the next call: about to be published, perhaps coming by message, nothing. */
export type Next = "published_soon" | "by_message" | "unknown";

/** How a wait for calls ended: with a call, without one, or parked until a message arrives. */
export type Waited = "call" | "nothing" | "parked";

/**
 * How a worker waits for calls: it spins briefly, sleeps on the ring in short slices, and after a
 * while parks in its event loop, where it costs nothing.
 */
export class RingSleep {
  readonly #memory: ring.RingMemory;
  readonly #cores: number;
  #isAwake = false;
  #lastWorkMs = 0;
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

  /** A call has ended. */
  worked(nowMs: number): void {
    this.#lastWorkMs = nowMs;
  }

  /** A call has been found. */
  found(nowMs: number): void {
    if (!(this.#idleSinceMs >= 0)) return;
    this.#gapMs = nowMs - this.#idleSinceMs;
    this.#idleSinceMs = NaN;
  }

  /** Waits for a call after the first `taken`. */
  wait(taken: number, next: Next): Waited {
    const nowMs = performance.now();
    if (!(this.#idleSinceMs >= 0)) this.#idleSinceMs = nowMs;
    const isIdle = nowMs - this.#lastWorkMs > PARK_AFTER_MS;
    const isSoon = next === "published_soon" || (!isIdle && this.#gapMs <= SLEEPLESS_MS);
    if (isSoon && this.#spin(taken, nowMs)) return "call";
    // A message wakes it only in the event loop.
    if (isIdle || next !== "unknown") return this.#park(taken);
    const { control } = this.#memory;
    this.#count(false);
    Atomics.store(control, ring.SLEEP, ring.WAITING);
    Atomics.wait(control, ring.WRITTEN, taken, WAIT_MS);
    this.wake();
    return Atomics.load(control, ring.WRITTEN) === taken ? "nothing" : "call";
  }

  #park(taken: number): Waited {
    const { control } = this.#memory;
    Atomics.store(control, ring.SLEEP, ring.PARKED);
    if (Atomics.load(control, ring.WRITTEN) !== taken) {
      Atomics.store(control, ring.SLEEP, ring.AWAKE);
      return "call";
    }
    this.#count(false);
    return "parked";
  }

  /** Spins for a short while, as long as a core is spare; returns whether a call came. */
  #spin(taken: number, startMs: number): boolean {
    const { control, awake } = this.#memory;
    while (Atomics.load(awake, 0) < this.#cores) {
      for (let look = 0; look < LOOKS_PER_CLOCK; look++) {
        if (Atomics.load(control, ring.WRITTEN) !== taken) return true;
      }
      if (performance.now() - startMs > SLEEPLESS_MS) break;
    }
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
