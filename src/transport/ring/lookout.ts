import type { Clock, NextTurn } from "../../clock.ts";
import * as ring from "./ring_memory.ts";
import { SpinBudget } from "./spin_budget.ts";

/** How long this thread spins for the result of a lone call. Without, a trip takes 2.0 instead of 1.3 µs. */
const LOOK_MS = 0.05;
/** No spin starts later than this in a turn of the event loop: others need the loop. Not for speed. */
const LOOK_TURN_MS = 1;
/**
 * How long results are polled for in turns of the event loop before the bell is armed. With one look only,
 * 8 jobs of 20 µs in flight take 182 instead of 106 µs each.
 */
const WATCH_MS = 0.1;

/** What the transport needs from its environment. */
export interface RingOptions {
  /** Number of cores. */
  readonly cores: number;
  /** Schedules a function for the next turn of the event loop. */
  readonly nextTurn: NextTurn;
  /** Calls a function in a microtask. */
  readonly soon: (fn: () => void) => void;
  /** The time in ms, as it is: nothing that spins may trust a clock that may stand still. */
  readonly realNow: () => number;
  /** The router's clock. */
  readonly clock: Clock;
}

/**
 * How the router learns of results in a ring. A notification by message costs two wake-ups, so
 * while the worker is awake and a core is spare, the router polls: it spins for the result of a
 * lone call, and checks in the next turns of its event loop for those of several. Then it arms the
 * bell.
 */
export class Lookout {
  readonly #memory: ring.RingMemory;
  readonly #sent: { readonly size: number; readonly read: number; readonly written: number };
  readonly #cores: number;
  readonly #nextTurn: NextTurn;
  readonly #realNow: () => number;
  readonly #collect: () => void;
  /**
   * Whether `BELL` is set, as far as this side knows: the worker clears it when it notifies the
   * router; results that arrive by message leave it set.
   */
  isArmed = false;
  #isWatching = false;
  #watchSinceMs = 0;
  readonly #watchBudget = new SpinBudget();
  /** When this thread first spun in this turn of the event loop, in ms. */
  #turnStartMs = NaN;
  #isClosed = false;
  readonly #spinBudget = new SpinBudget();

  /** `collect` delivers the results that have arrived. */
  constructor(
    memory: ring.RingMemory,
    sent: { readonly size: number; readonly read: number; readonly written: number },
    { cores, nextTurn, realNow }: RingOptions,
    collect: () => void,
  ) {
    this.#memory = memory;
    this.#sent = sent;
    this.#cores = cores;
    this.#nextTurn = nextTurn;
    this.#realNow = realNow;
    this.#collect = collect;
  }

  /** Calls have been published; `wasAsleep` tells whether that woke the worker. */
  expect(wasAsleep: boolean): void {
    // A worker that was just woken may need the core on which this thread would spin.
    if (wasAsleep) this.#arm();
    else if (!this.#spin()) this.watch();
  }

  /** Polls for results in the next turns of the event loop. */
  watch(): void {
    if (this.#isWatching || this.isArmed || this.#sent.size === 0) return;
    if (!this.#hasSpareCore() || !this.#watchBudget.take()) return this.#arm();
    this.#watchSinceMs = this.#realNow();
    this.#lookLater();
  }

  close(): void {
    this.#isClosed = true;
  }

  #lookLater(): void {
    this.#isWatching = true;
    this.#nextTurn(look, this);
  }

  /** Checks for results; to be called in a turn of its own. */
  look(): void {
    this.#isWatching = false;
    const { size, read } = this.#sent;
    if (this.#isClosed || size === 0) return;
    const results = (Atomics.load(this.#memory.control, ring.DONE) - read) | 0;
    const watchedMs = Math.min(this.#realNow() - this.#watchSinceMs, WATCH_MS);
    const isTime = watchedMs === WATCH_MS;
    // Half of them together: each delivery has a cost, and the worker has the other half meanwhile.
    const isWorth = 2 * results >= size || (isTime && results > 0);
    if (!isWorth && !isTime && this.#hasSpareCore()) return this.#lookLater();
    this.#watchBudget.spend(watchedMs, results);
    if (!isWorth) return this.#arm();
    this.#collect();
    this.watch();
  }

  #hasSpareCore(): boolean {
    return Atomics.load(this.#memory.awake, 0) < this.#cores;
  }

  /**
   * Spins for the result of a lone call, as long as that is successful: a caller that awaits short
   * jobs one by one then waits for no event loop. Returns whether the result came.
   */
  #spin(): boolean {
    if (this.#sent.size !== 1 || !this.#hasSpareCore() || !this.#spinBudget.take()) return false;
    const startMs = this.#realNow();
    if (!this.#isInTurn(startMs)) return false;
    const { written } = this.#sent;
    let spunMs = 0;
    do {
      if (Atomics.load(this.#memory.control, ring.DONE) === written) {
        this.#spinBudget.spend(spunMs, 1);
        this.#collect();
        return true;
      }
      spunMs = this.#realNow() - startMs;
    } while (spunMs < LOOK_MS);
    this.#spinBudget.spend(spunMs, 0);
    return false;
  }

  /** Another turn of the event loop has begun. */
  endTurn(): void {
    this.#turnStartMs = NaN;
  }

  /** Whether spinning is still allowed in this turn of the event loop. */
  #isInTurn(nowMs: number): boolean {
    if (!(this.#turnStartMs >= 0)) {
      this.#turnStartMs = nowMs;
      this.#nextTurn(endTurn, this);
    }
    return nowMs - this.#turnStartMs < LOOK_TURN_MS;
  }

  /** Arms the bell: the worker notifies the router of the next result. */
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
