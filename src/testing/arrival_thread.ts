import type { Machine } from "./machine.ts";
import type { Thread } from "./thread.ts";
import { machineOf, type VirtualClock } from "./virtual_clock.ts";

/** Something that comes to the event loop. */
export interface Arrival<A> {
  /** When it is due, in ms. */
  readonly atMs: number;
  /** What comes. */
  readonly value: A;
}

/** Options of an {@linkcode ArrivalThread}. */
export interface ArrivalThreadOptions<A> {
  /** What waking up and sending takes of a core, in ms: it wakes so long before something is due. */
  readonly wakeMs: number;
  /** Gives the next arrival, in the order of their times; `undefined` if there is none. */
  readonly next: () => Arrival<A> | undefined;
  /** Takes what has come, in a turn of the event loop of its own. */
  readonly receive: (value: A) => void;
}

/**
 * A modelled thread that sends the event loop what comes from outside, when it is due, as a load generator on
 * the same machine does. It takes its share of the cores, so that arrivals are late while it has none.
 *
 * @example Usage
 * ```ts
 * import { ArrivalThread, VirtualClock } from "helixrouter/testing";
 * import assert from "node:assert/strict";
 *
 * const clock = new VirtualClock({ cores: 2 });
 * const names = ["Ada", "Grace"];
 * const came: string[] = [];
 * new ArrivalThread(clock, {
 *   wakeMs: 0.2,
 *   next: () => {
 *     const value = names.shift();
 *     return value === undefined ? undefined : { atMs: clock.now() + 10, value };
 *   },
 *   receive: (name: string) => came.push(name),
 * });
 * clock.advance(30);
 * assert.deepEqual(came, ["Ada", "Grace"]);
 * ```
 */
export class ArrivalThread<A> {
  readonly #clock: VirtualClock;
  readonly #machine: Machine;
  readonly #options: ArrivalThreadOptions<A>;
  /** What is due and not yet sent. */
  #due: A[] = [];
  readonly #thread: Thread = {
    ...{ needMs: NaN, hadMs: 0, sinceMs: 0, coreSinceMs: 0, sinceDoneMs: 0, end: null },
    keepsCore: false,
    next: () => this.#send(),
  };
  readonly #fallDue = (value: A): void => {
    if (this.#due.push(value) === 1) this.#machine.wake(this.#thread, this.#options.wakeMs);
    this.#plan();
  };

  /**
   * Creates the thread, which sleeps until the first arrival.
   *
   * @param clock The clock of the event loop, whose cores it shares.
   * @param options What comes, and what its wake-ups cost.
   * @throws {RangeError} If `wakeMs` is no time.
   */
  constructor(clock: VirtualClock, options: ArrivalThreadOptions<A>) {
    const { wakeMs } = options;
    if (typeof wakeMs !== "number" || !(wakeMs >= 0 && wakeMs < Infinity)) {
      throw new RangeError(`"wakeMs" must be a finite number of at least 0: received ${wakeMs}`);
    }
    this.#clock = clock;
    this.#machine = machineOf(clock);
    this.#options = options;
    this.#plan();
  }

  #plan(): void {
    const arrival = this.#options.next();
    if (arrival === undefined) return;
    const wakeAtMs = arrival.atMs - this.#options.wakeMs;
    this.#machine.at(Math.max(wakeAtMs, this.#machine.nowMs), this.#fallDue, arrival.value);
  }

  #send(): number {
    const due = this.#due;
    this.#due = [];
    for (const value of due) this.#clock.post(this.#options.receive, value);
    return NaN;
  }
}
