import type { Clock, Timer } from "../../mod.ts";
import { Due, EventHeap } from "./event_heap.ts";
import type { KernelOptions } from "./kernel_options.ts";
import { Machine } from "./machine.ts";
import type { Thread } from "./thread.ts";

/** The thread of the event loop. It keeps its core until it waits. */
class LoopThread implements Thread {
  needMs = NaN;
  hadMs = 0;
  sinceMs = 0;
  sinceDoneMs = 0;
  coreSinceMs = 0;
  end: Due | null = null;
  readonly keepsCore = true;

  next(): number {
    return NaN;
  }
}

/** The machine of a clock, for its other threads. */
export let machineOf: (clock: VirtualClock) => Machine;

/** Shortest timer, in ms: as in the runtimes. */
const MIN_TIMER_MS = 1;

/** Callbacks that a run to the end calls at most, unless it is told otherwise. */
const MAX_TURNS = 10_000_000;

/** Options of a {@linkcode VirtualClock}. All have defaults. */
export interface VirtualClockOptions extends KernelOptions {
  /** What each turn of the event loop costs, in ms. @default {0} */
  readonly turnMs?: number;
  /** Time, not on a core, until the event loop hears of what is due while it sleeps, in ms. @default {0} */
  readonly wakeMs?: number;
}

/**
 * A clock whose time passes only when you say so, and the event loop that goes with it: what is due
 * happens in order of time, one callback a turn. Work that is modelled takes time by `occupy()`; what
 * falls due meanwhile is late, as in a real event loop.
 *
 * @example Usage
 * ```ts
 * import { VirtualClock } from "helixrouter/testing";
 * import assert from "node:assert/strict";
 *
 * const clock = new VirtualClock();
 * clock.setTimer(1_000, () => clock.occupy(5), undefined);
 * clock.run();
 * assert.equal(clock.now(), 1_005);
 * ```
 */
export class VirtualClock implements Clock {
  readonly #machine: Machine;
  static {
    machineOf = (clock) => clock.#machine;
  }

  readonly #turnMs: number;
  readonly #wakeMs: number;
  readonly #thread = new LoopThread();
  readonly #events = new EventHeap();
  /** Callbacks that have been called. */
  turns = 0;

  /**
   * Creates a clock that stands at 0.
   *
   * @param options Additional options.
   */
  constructor(options: VirtualClockOptions = {}) {
    this.#machine = new Machine(options);
    this.#turnMs = options.turnMs ?? 0;
    this.#wakeMs = options.wakeMs ?? 0;
  }

  /** The time, in ms from the creation of the machine. */
  now(): number {
    return this.#machine.nowMs;
  }

  /** Calls `fn(arg)` after `delayMs`, but not sooner than in 1 ms. */
  setTimer<A>(delayMs: number, fn: (arg: A) => void, arg: A): Timer {
    return this.at(this.now() + Math.max(delayMs, MIN_TIMER_MS), fn, arg);
  }

  /** Calls `fn(arg)` in a turn of its own, after what is due already. */
  post<A>(fn: (arg: A) => void, arg: A): void {
    this.at(this.now(), fn, arg);
  }

  /** Calls `fn(arg)` at a time, in ms; at once if that has passed. */
  at<A>(atMs: number, fn: (arg: A) => void, arg: A): Timer {
    const event = new Due(atMs, fn, arg);
    this.#events.push(event);
    return event;
  }

  /**
   * This thread works for so long, in ms of a core: time passes inside the running callback, or where
   * this is called from outside.
   */
  occupy(ms: number): void {
    if (!(ms > 0)) return;
    this.#wake();
    this.#machine.work(this.#thread, ms);
  }

  /** Has this thread have a core, for which it may have to wait. */
  #wake(): void {
    if (this.isAwake) return;
    this.#machine.wake(this.#thread, NaN);
    while (!this.isAwake) this.#machine.step();
  }

  /** Whether this thread has a core: it is in a callback, or between two that are due. */
  get isAwake(): boolean {
    return this.#machine.isRunning(this.#thread);
  }

  /** Lets the next callback be called, unless it is later than `untilMs`; returns whether it was. */
  step(untilMs: number = Infinity): boolean {
    const machine = this.#machine;
    for (;;) {
      const event = this.#events.first;
      const atMs = event === undefined ? Infinity : event.atMs;
      if (atMs <= machine.nowMs) {
        if (this.isAwake) {
          this.#fire(event!);
          return true;
        }
        machine.runUntil(machine.nowMs + this.#wakeMs);
        this.#wake();
        continue; // meanwhile something earlier may have come
      }
      if (this.isAwake) machine.sleep(this.#thread);
      const nextAtMs = machine.nextAtMs;
      if (Math.min(atMs, nextAtMs) > untilMs) return false;
      if (event === undefined && (nextAtMs === Infinity || this.#isStuck(untilMs))) return false;
      if (nextAtMs <= atMs) machine.step();
      else machine.runUntil(atMs);
    }
  }

  /** Whether no callback will ever be due again, however long threads go on. */
  #isStuck(untilMs: number): boolean {
    return untilMs === Infinity && this.#machine.isEndless;
  }

  #fire(event: Due): void {
    this.#events.shift();
    this.turns++;
    this.occupy(this.#turnMs);
    event.fire();
  }

  /** Lets all happen that is due by then, in ms, and all that falls due meanwhile. */
  runUntil(ms: number): void {
    while (this.step(ms));
    this.#machine.runUntil(ms);
  }

  /** Lets so much time pass, in ms. */
  advance(ms: number): void {
    this.runUntil(this.now() + ms);
  }

  /**
   * Lets everything happen. Calls of workers that never end are left as they are once nothing else is to
   * come.
   *
   * @param maxTurns Number of callbacks after which it gives up. @default {10_000_000}
   * @throws {RangeError} If more are due then: a timer that sets itself again, for instance.
   */
  run(maxTurns: number = MAX_TURNS): void {
    for (let turn = 0; turn < maxTurns || this.#events.first === undefined; turn++) {
      if (!this.step()) return;
    }
    throw new RangeError(
      `Cannot run to the end: after ${maxTurns} callbacks, at ${this.now()} ms, more are due. \
runUntil() and advance() stop at a time`,
    );
  }
}
