import * as ring from "./ring_memory.ts";

/** A getter on Node: looked up once. */
const { performance } = globalThis;

/** How long it looks at the ring before it sleeps: about as long as the router's turns are. */
const SLEEPLESS_MS = 0.2;
const LOOKS_PER_CLOCK = 64;
/** It sleeps on the ring for at most this long at a time, or Deno could not end it. */
const WAIT_MS = 1;
/** Without work for this long it sleeps in the event loop. */
const PARK_AFTER_MS = 20;

/** What is known of the next call: it is about to be published, it may come by message, nothing. */
export type Next = "published_soon" | "by_message" | "unknown";

/** How a wait for calls has ended: there is one, there is none yet, or it waits for a message. */
export type Waited = "call" | "nothing" | "parked";

/**
 * How a worker waits for calls: it looks at the ring for a moment, sleeps on it in short slices, and
 * after a while parks in its event loop, where it costs nothing.
 */
export class RingSleep {
  readonly #memory: ring.RingMemory;
  readonly #cores: number;
  #isAwake = false;
  #lastWorkMs = 0;
  /** Since when it has had no call; how long it was without one the last time. */
  #idleSinceMs = NaN;
  #gapMs = 0;

  constructor(memory: ring.RingMemory, cores: number) {
    this.#memory = memory;
    this.#cores = cores;
    Atomics.store(memory.control, ring.SLEEP, ring.PARKED);
  }

  /** It is awake from now on, and need not be woken. */
  wake(): void {
    this.#count(true);
    Atomics.store(this.#memory.control, ring.SLEEP, ring.AWAKE);
  }

  /** It has done a call. */
  worked(nowMs: number): void {
    this.#lastWorkMs = nowMs;
  }

  /** A call has come. */
  found(nowMs: number): void {
    if (!(this.#idleSinceMs >= 0)) return;
    this.#gapMs = nowMs - this.#idleSinceMs;
    this.#idleSinceMs = NaN;
  }

  /** Waits for a call beyond the first `taken`. */
  wait(taken: number, next: Next): Waited {
    const nowMs = performance.now();
    if (!(this.#idleSinceMs >= 0)) this.#idleSinceMs = nowMs;
    const isIdle = nowMs - this.#lastWorkMs > PARK_AFTER_MS;
    const isSoon = next === "published_soon" || (!isIdle && this.#gapMs <= SLEEPLESS_MS);
    if (isSoon && this.#spin(taken, nowMs)) return "call";
    // Only in the event loop is it woken by a message.
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

  /** Looks at the ring for a short while, as long as that takes no core from those who work. */
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

  /** Joins or leaves those that are awake. */
  #count(isAwake: boolean): void {
    if (this.#isAwake === isAwake) return;
    this.#isAwake = isAwake;
    const { control, awake } = this.#memory;
    Atomics.store(control, ring.COUNTED, isAwake ? 1 : 0);
    Atomics.add(awake, 0, isAwake ? 1 : -1);
  }
}
