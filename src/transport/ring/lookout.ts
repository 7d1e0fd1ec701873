import type { NextTurn } from "../../clock.ts";
import * as ring from "./ring_memory.ts";

/** A getter on Node: looked up once. */
const { performance } = globalThis;

/** How long this thread looks for the result of a lone call before it goes on. */
const LOOK_MS = 0.05;
const LOOKS_PER_CLOCK = 32;
/** After this many vain looks in a row only one call in 2^n is looked for. */
const MAX_DOUBLINGS = 8;
/** After so long in one turn of the event loop it is not looked any more: others need the loop. */
const LOOK_TURN_MS = 1;
/** How long it looks for results in turns of the event loop before it asks to be told. */
const WATCH_MS = 0.1;

/** What the transport needs of the machine. */
export interface RingOptions {
  /** Cores there are. */
  readonly cores: number;
  /** Leads to the next turn of the event loop. */
  readonly nextTurn: NextTurn;
  /** The time on the router's clock. */
  readonly now: () => number;
}

/**
 * How the router comes to know of results in a ring. Being told by a message costs two wake-ups, so
 * while a worker is awake, and a core is free for looking, it looks: at once for the result of a lone
 * call, in the next turns of its event loop for many. Then it asks to be told, and sleeps.
 */
export class Lookout {
  readonly #memory: ring.RingMemory;
  readonly #sent: { readonly size: number; readonly read: number; readonly written: number };
  readonly #cores: number;
  readonly #nextTurn: NextTurn;
  readonly #collect: () => void;
  /**
   * Whether `BELL` is set, as far as this side knows: it is not any more once the worker has told, and
   * results that come by message leave it set.
   */
  isArmed = false;
  #isWatching = false;
  #watchEndMs = 0;
  /** When this thread first looked in this turn of the event loop. */
  #turnStartMs = NaN;
  #isClosed = false;
  /** Looks in vain since the last one that was not, and calls left out since. */
  #misses = 0;
  #skips = 0;

  /** `collect` takes the results that are there. */
  constructor(
    memory: ring.RingMemory,
    sent: { readonly size: number; readonly read: number; readonly written: number },
    { cores, nextTurn }: RingOptions,
    collect: () => void,
  ) {
    this.#memory = memory;
    this.#sent = sent;
    this.#cores = cores;
    this.#nextTurn = nextTurn;
    this.#collect = collect;
  }

  /** Calls have been published; the worker slept or not. */
  expect(wasAsleep: boolean): void {
    // While this thread looks, a worker that was just woken may wait for the same core.
    if (wasAsleep) this.#arm();
    else if (!this.#spin()) this.watch();
  }

  /** Looks for results in the next turns of the event loop. */
  watch(): void {
    if (this.#isWatching || this.isArmed || this.#sent.size === 0) return;
    if (!this.#hasSpareCore) return this.#arm();
    this.#watchEndMs = performance.now() + WATCH_MS;
    this.#lookLater();
  }

  close(): void {
    this.#isClosed = true;
  }

  #lookLater(): void {
    this.#isWatching = true;
    this.#nextTurn(look, this);
  }

  /** Looks for results; to be called in a turn of its own. */
  look(): void {
    this.#isWatching = false;
    const { size, read } = this.#sent;
    if (this.#isClosed || size === 0) return;
    const results = (Atomics.load(this.#memory.control, ring.DONE) - read) | 0;
    const isTime = performance.now() >= this.#watchEndMs;
    // Half of them at once: each time costs, and while it is taken the worker has the other half.
    if (2 * results >= size || (isTime && results > 0)) {
      this.#collect();
      this.watch();
    } else if (this.#hasSpareCore && !isTime) this.#lookLater();
    else this.#arm();
  }

  get #hasSpareCore(): boolean {
    return Atomics.load(this.#memory.awake, 0) < this.#cores;
  }

  /**
   * Looks for the result of a lone call, as long as such looks find something: a caller who awaits
   * short jobs one by one then waits for no event loop.
   */
  #spin(): boolean {
    if (this.#sent.size !== 1 || !this.#hasSpareCore) return false;
    if (this.#skips > 0) {
      this.#skips--;
      return false;
    }
    const startMs = performance.now();
    if (!this.#isInTurn(startMs)) return false;
    const { written } = this.#sent;
    const endMs = startMs + LOOK_MS;
    do {
      for (let look = 0; look < LOOKS_PER_CLOCK; look++) {
        if (Atomics.load(this.#memory.control, ring.DONE) !== written) continue;
        this.#misses = 0;
        this.#collect();
        return true;
      }
    } while (performance.now() < endMs);
    this.#misses = Math.min(this.#misses + 1, MAX_DOUBLINGS);
    this.#skips = 2 ** this.#misses;
    return false;
  }

  /** Another turn of the event loop has begun. */
  endTurn(): void {
    this.#turnStartMs = NaN;
  }

  /** Whether this turn of the event loop is still young. */
  #isInTurn(nowMs: number): boolean {
    if (!(this.#turnStartMs >= 0)) {
      this.#turnStartMs = nowMs;
      this.#nextTurn(endTurn, this);
    }
    return nowMs - this.#turnStartMs < LOOK_TURN_MS;
  }

  /** Asks to be told of the next result. */
  #arm(): void {
    if (this.isArmed || this.#isClosed || this.#sent.size === 0) return;
    const { control } = this.#memory;
    this.isArmed = true;
    Atomics.store(control, ring.BELL, 1);
    if (Atomics.load(control, ring.DONE) !== this.#sent.read) this.#collect();
  }
}

function look(lookout: Lookout): void {
  lookout.look();
}

function endTurn(lookout: Lookout): void {
  lookout.endTurn();
}
