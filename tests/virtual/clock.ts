import { type Clock, MAX_TIMER_MS, type Timer } from "../../src/clock.ts";

/** Something that is to happen. */
class Event implements Timer {
  readonly atMs: number;
  readonly fire: () => void;
  readonly #clock: VirtualClock;
  /** Whether a real one would keep the process alive. */
  holds = true;

  constructor(atMs: number, fire: () => void, clock: VirtualClock) {
    this.atMs = atMs;
    this.fire = fire;
    this.#clock = clock;
  }

  cancel(): void {
    this.#clock.cancel(this);
  }

  unref(): void {
    this.holds = false;
  }
}

/**
 * Discrete events, in order of time and then of setting: each is one turn of an event loop. Nothing
 * happens by itself: call `run()`, `advance()` or `step()`.
 */
export class VirtualClock implements Clock {
  #nowMs = 0;
  /** Sorted, the next first. */
  readonly #events: Event[] = [];
  /** Events that have happened. */
  turns = 0;

  now(): number {
    return this.#nowMs;
  }

  setTimer<A>(delayMs: number, fn: (arg: A) => void, arg: A): Timer {
    if (!(delayMs >= 0 && delayMs <= MAX_TIMER_MS)) throw new RangeError(`No delay: ${delayMs} ms`);
    return this.#add(this.#nowMs + delayMs, () => fn(arg));
  }

  post<A>(fn: (arg: A) => void, arg: A): void {
    this.#add(this.#nowMs, () => fn(arg));
  }

  cancel(event: Event): void {
    const place = this.#events.indexOf(event);
    if (place >= 0) this.#events.splice(place, 1);
  }

  /** Synchronous work: time passes inside the running callback, what falls due meanwhile is late. */
  occupy(ms: number): void {
    this.#nowMs += ms;
  }

  /** Events still to come. */
  get pending(): number {
    return this.#events.length;
  }

  /** Whether something is due that has not happened yet, as the loop was occupied. */
  get isLate(): boolean {
    return this.#events.length > 0 && this.#events[0].atMs <= this.#nowMs;
  }

  /** Those that would keep a process alive. */
  get holding(): number {
    return this.#events.filter((event) => event.holds).length;
  }

  /** Lets the next event happen; tells whether there was one. */
  step(): boolean {
    const event = this.#events.shift();
    if (event === undefined) return false;
    this.#nowMs = Math.max(this.#nowMs, event.atMs);
    this.turns++;
    event.fire();
    return true;
  }

  /** Lets all happen that is due by then, and all that has fallen due meanwhile. */
  runUntil(ms: number): void {
    const isDue = (event: Event) => event.atMs <= Math.max(ms, this.#nowMs);
    while (this.#events.length > 0 && isDue(this.#events[0])) this.step();
    this.#nowMs = Math.max(this.#nowMs, ms);
  }

  /** Lets `ms` pass. */
  advance(ms: number): void {
    this.runUntil(this.#nowMs + ms);
  }

  /** Lets everything happen. A world that has not come to rest after `maxTurns` is a failure. */
  run(maxTurns = 1_000_000): void {
    for (let i = 0; i < maxTurns; i++) if (!this.step()) return;
    throw new Error(`The world has not come to rest after ${maxTurns} turns, at ${this.#nowMs} ms`);
  }

  /** The same for code with promises: a macrotask lets all of them settle, whatever their number. */
  async runAsync(maxTurns = 10_000): Promise<void> {
    await macrotask();
    for (let i = 0; i < maxTurns; i++) {
      if (!this.step()) return;
      await macrotask();
    }
    throw new Error(`The world has not come to rest after ${maxTurns} turns, at ${this.#nowMs} ms`);
  }

  #add(atMs: number, fire: () => void): Event {
    const event = new Event(atMs, fire, this);
    let place = this.#events.length;
    while (place > 0 && this.#events[place - 1].atMs > atMs) place--;
    this.#events.splice(place, 0, event);
    return event;
  }
}

/** A turn of the real event loop. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
