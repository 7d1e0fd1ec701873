import { isWithin, type NumberRange, rangeOf, wordsOf } from "./check.ts";
import { InvalidOptionError } from "./errors.ts";

/** Range of the number of permits. */
export const PERMITS: NumberRange = rangeOf(1, 65_536, { integer: true });

/** The permits of a semaphore, for the routers that share it. */
export let permitsOf: (semaphore: Semaphore) => Permits;

/** Whether a value is a semaphore: no proxy of one, and nothing made from its prototype. */
export let isSemaphore: (value: unknown) => value is Semaphore;

/**
 * Limits how many calls run on workers at a time. By default a router has its own; share one among
 * several routers of a process, and together they never run more calls than it has permits. Routers
 * that wait for a permit acquire one in turn (FIFO).
 *
 * @example Two routers that share the cores
 * ```ts
 * import { createRouter, Semaphore } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import assert from "node:assert/strict";
 *
 * const cpuParallelism = new Semaphore(2);
 * const jobs = defineJobs({ greet: { cost: 1, run: (name: string) => `Hello ${name}` } });
 * const first = await createRouter({ jobs, cpuParallelism });
 * const second = await createRouter({ jobs, cpuParallelism });
 * cpuParallelism.resize(4);
 * assert.deepEqual([first.load.cpuParallelism, second.load.cpuParallelism], [4, 4]);
 * await Promise.all([first.close(), second.close()]);
 * ```
 */
export class Semaphore {
  readonly #permits: Permits;

  static {
    permitsOf = (semaphore) => semaphore.#permits;
    isSemaphore = (value): value is Semaphore =>
      typeof value === "object" && value !== null && #permits in value;
  }

  /**
   * Creates a semaphore.
   *
   * @param permits Calls that may run at a time, 1 to 65,536.
   * @throws {InvalidOptionError} If `permits` is out of range.
   */
  constructor(permits: number) {
    this.#permits = new Permits(checkPermits(permits, "create semaphore"));
  }

  /** Calls that may run at a time. */
  get permits(): number {
    return this.#permits.total;
  }

  /**
   * Changes the number of permits. If more are in use than there are now, running calls continue,
   * and no other starts until enough of them have ended.
   *
   * @param permits Calls that may run at a time from now on, 1 to 65,536.
   * @throws {InvalidOptionError} If `permits` is out of range.
   */
  resize(permits: number): void {
    this.#permits.resize(checkPermits(permits, "resize semaphore"));
  }
}

/**
 * Acquires permits: the dispatcher of a router. After a `take` in vain it waits, until it takes a
 * permit or waives its turn; after it has given a permit back, it looks for a next call of its own.
 */
export interface PermitTaker {
  /** A permit is free, and it is this taker's turn: it takes it now, or its turn is over. */
  permitFreed(): void;
  /** Another taker has started to wait. */
  permitWanted(): void;
  /** The number of permits has changed. */
  permitsChanged(): void;
}

/** The permits of a semaphore, and the takers that wait for one. */
export class Permits {
  /** Number of permits. */
  total: number;
  #taken = 0;
  /** How often a permit was acquired. */
  #takes = 0;
  readonly #takers = new Set<PermitTaker>();
  /** Takers that wait, FIFO; each at most once. */
  readonly #waiting = new Set<PermitTaker>();

  constructor(total: number) {
    this.total = total;
  }

  /** Number of permits not in use. */
  get free(): number {
    return Math.max(0, this.total - this.#taken);
  }

  /** Adds a taker. */
  join(taker: PermitTaker): void {
    this.#takers.add(taker);
  }

  /** Removes a taker that has released all its permits. */
  leave(taker: PermitTaker): void {
    this.#takers.delete(taker);
    this.waive(taker);
  }

  resize(total: number): void {
    this.total = total;
    for (const taker of [...this.#takers]) taker.permitsChanged();
    this.#offer(null);
  }

  /** Acquires a permit; returns whether it could. If not, the taker waits for `permitFreed`. */
  take(taker: PermitTaker): boolean {
    if (this.#takeInTurn(taker)) return true;
    const isNew = !this.#waiting.has(taker);
    this.#waiting.add(taker);
    if (this.#takers.size === 1) return false;
    this.#offer(taker); // those ahead of it may no longer need a permit
    if (this.#takeInTurn(taker)) return true;
    this.#waiting.add(taker); // its turn may have come and passed meanwhile
    if (!isNew) return false;
    for (const other of [...this.#takers]) if (other !== taker) other.permitWanted();
    return false;
  }

  #takeInTurn(taker: PermitTaker): boolean {
    if (this.#taken >= this.total) return false;
    if (this.#waiting.size > 0) {
      if (this.#first !== taker) return false;
      this.#waiting.delete(taker);
    }
    this.#taken++;
    this.#takes++;
    return true;
  }

  /** Releases a permit. The giver looks for a next call of its own afterwards. */
  give(giver: PermitTaker): void {
    this.#taken--;
    if (this.#takers.size > 1) this.#offer(giver);
  }

  /** A taker no longer waits. */
  waive(taker: PermitTaker): void {
    if (this.#waiting.delete(taker)) this.#offer(taker);
  }

  /** Whether another taker waits. */
  isWantedByOthers(taker: PermitTaker): boolean {
    const { size } = this.#waiting;
    return size > 1 || (size === 1 && this.#first !== taker);
  }

  /** Whose turn it is, if any waits. */
  get #first(): PermitTaker | undefined {
    const [first] = this.#waiting;
    return first;
  }

  /** Offers free permits to waiting takers in turn, up to `last`, which looks for itself. */
  #offer(last: PermitTaker | null): void {
    while (this.#taken < this.total) {
      const first = this.#first;
      if (first === undefined || first === last) return;
      const takes = this.#takes;
      first.permitFreed();
      // If it took one, it may already wait for the next, behind the others.
      if (this.#takes === takes && this.#first === first) this.#waiting.delete(first);
    }
  }
}

function checkPermits(value: number, action: string): number {
  if (isWithin(value, PERMITS)) return value;
  throw new InvalidOptionError("permits", value, wordsOf(PERMITS), action);
}
