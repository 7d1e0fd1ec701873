import { CoreSpeed } from "./core_speed.ts";
import { Due, EventHeap } from "./event_heap.ts";
import type { KernelOptions } from "./kernel_options.ts";
import { ReadyQueue } from "./ready_queue.ts";
import type { Thread } from "./thread.ts";

/** With more cores, those that sleep are not weighed against those that run: that would cost time. */
const MANY_CORES = 64;
const GOLDEN = 0.6180339887498949;

/**
 * Cores, and the threads that share them, in virtual time. While more threads want to run than there are
 * cores, each keeps its core for a slice, and the one that has had the least comes next; a woken thread
 * that is far behind takes a core at once. That is the rule of Linux's completely fair scheduler, with one
 * queue for all cores.
 */
export class Machine {
  /** The time, in ms. */
  nowMs = 0;
  readonly #cores: number;
  readonly #sliceMs: number;
  readonly #wakeUpMs: number;
  readonly #creditMs: number;
  readonly #events = new EventHeap();
  /** Ends of work, by what a core has done by then; among the events where all cores are equally fast. */
  readonly #ends: EventHeap;
  readonly #speed: CoreSpeed;
  readonly #running = new Set<Thread>();
  readonly #ready = new ReadyQueue();
  /** The least that any thread had when it was last looked at, in ms. */
  #leastMs = 0;
  /** The next look at the slices of the running threads. */
  #tickDue: Due | null = null;
  readonly #ended = (thread: Thread): void => this.#end(thread);
  readonly #ticked = (): void => this.#tick();
  #busyMs = 0;
  readonly #heldShare: number;
  /** Wake-ups at which all cores were taken. */
  #wakes = 0;

  constructor(options: KernelOptions = {}) {
    const { cores = Infinity, sliceMs = 4, wakeUpMs = 1, creditMs = 3, heldShare = 0 } = options;
    const { pairSpeed = 1 } = options;
    if (!(pairSpeed >= 0.1 && pairSpeed <= 1)) {
      throw new RangeError(`"pairSpeed" must be a number from 0.1 to 1: received ${pairSpeed}`);
    }
    this.#cores = cores;
    this.#sliceMs = sliceMs;
    this.#wakeUpMs = wakeUpMs;
    this.#creditMs = creditMs;
    this.#heldShare = heldShare;
    this.#speed = new CoreSpeed(cores, pairSpeed);
    this.#ends = pairSpeed === 1 ? this.#events : new EventHeap();
  }

  /** Time that all cores have worked, in ms. */
  get busyMs(): number {
    let sum = this.#busyMs;
    for (const { sinceMs } of this.#running) sum += this.nowMs - sinceMs;
    return sum;
  }

  /** When the next event of the machine is, in ms; `Infinity` if there is none. */
  get nextAtMs(): number {
    const atMs = this.#events.first?.atMs ?? Infinity;
    return this.#ends === this.#events ? atMs : Math.min(atMs, this.#endAtMs());
  }

  /** When the next work ends that has an end, in ms; `Infinity` if there is none. */
  #endAtMs(): number {
    const end = this.#ends.first;
    return end === undefined ? Infinity : this.#speed.timeOf(end.atMs);
  }

  /** Whether nothing is left to happen but that threads that never end take turns on the cores. */
  get isEndless(): boolean {
    const tick = this.#tickDue;
    if (tick === null || this.#events.first !== tick) return false;
    const ends = ({ needMs }: Thread): boolean => needMs < Infinity;
    return !this.#ready.some(ends) && ![...this.#running].some(ends) && this.#events.isOnly(tick);
  }

  /** Lets the next event happen. */
  step(): void {
    const atMs = this.nextAtMs;
    const event = this.#events.first;
    const heap = event !== undefined && event.atMs <= atMs ? this.#events : this.#ends;
    const next = heap.first!;
    heap.shift();
    if (atMs > this.nowMs) this.nowMs = atMs;
    next.fire();
  }

  /** Lets all happen that is due by then. */
  runUntil(ms: number): void {
    while (this.nextAtMs <= ms) this.step();
    if (ms > this.nowMs) this.nowMs = ms;
  }

  /** Calls `fn` at a time. */
  at<A>(atMs: number, fn: (arg: A) => void, arg: A): Due {
    const event = new Due(atMs, fn, arg);
    this.#events.push(event);
    return event;
  }

  /**
   * Wakes a thread that sleeps, which then wants a core for so long, in ms; `NaN`: until it sleeps. It
   * may take the core of another one: what a thread does between two calls of `work()` must not wake any.
   */
  wake(thread: Thread, needMs: number): void {
    thread.needMs = needMs;
    if (this.#cores <= MANY_CORES) this.#look();
    thread.hadMs = Math.max(thread.hadMs, this.#leastMs - this.#creditMs);
    if (this.#running.size < this.#cores) return this.#dispatch(thread);
    const victim = this.#mostServed();
    // Which wake-ups find cores held is spread evenly, as by multiples of the golden ratio.
    const isHeld = (++this.#wakes * GOLDEN) % 1 < this.#heldShare;
    if (!isHeld && victim.hadMs - thread.hadMs > this.#wakeUpMs) {
      this.#preempt(victim);
      this.#dispatch(thread);
    } else {
      this.#ready.add(thread);
      this.#planTick();
    }
  }

  /** Whether a thread has a core. */
  isRunning(thread: Thread): boolean {
    return this.#running.has(thread);
  }

  /** A running thread gives its core back. */
  sleep(thread: Thread): void {
    this.#account(thread);
    this.#leave(thread);
  }

  /** A thread ends, whatever it does. */
  end(thread: Thread): void {
    thread.end?.cancel();
    thread.end = null;
    thread.needMs = NaN;
    if (this.#running.has(thread)) this.sleep(thread);
    else this.#ready.remove(thread);
  }

  /**
   * A running thread works for so long, in ms of a core alone, before it goes on: meanwhile others do, and
   * it may lose its core.
   */
  work(thread: Thread, ms: number): void {
    const endMs = this.#speed.timeOf(this.#speed.doneBy(this.nowMs) + ms);
    if (this.nextAtMs > endMs) { // nothing else happens
      this.nowMs = endMs;
      return;
    }
    this.#account(thread);
    thread.needMs = ms;
    this.#plan(thread);
    while (thread.needMs >= 0) this.step();
  }

  #dispatch(thread: Thread): void {
    this.#running.add(thread);
    this.#speed.setBusy(this.#running.size, this.nowMs);
    thread.sinceMs = this.nowMs;
    thread.sinceDoneMs = this.#speed.doneBy(this.nowMs);
    thread.coreSinceMs = this.nowMs;
    if (thread.needMs >= 0) this.#plan(thread);
    if (!this.#ready.isEmpty) this.#planTick();
  }

  /** Plans the end of the work that a running thread has. */
  #plan(thread: Thread): void {
    thread.end = new Due(this.#speed.doneBy(this.nowMs) + thread.needMs, this.#ended, thread);
    this.#ends.push(thread.end);
  }

  #end(thread: Thread): void {
    this.#account(thread);
    thread.end = null;
    thread.needMs = NaN;
    if (thread.keepsCore) return;
    thread.needMs = thread.next();
    if (thread.needMs >= 0) this.#plan(thread);
    else this.#leave(thread);
  }

  #leave(thread: Thread): void {
    if (!this.#remove(thread)) return; // it has been ended
    const next = this.#ready.take();
    if (next !== undefined) this.#dispatch(next);
  }

  #preempt(thread: Thread): void {
    this.#account(thread);
    this.#remove(thread);
    thread.end?.cancel();
    thread.end = null;
    this.#ready.add(thread);
  }

  /** Takes its core from a thread; returns whether it had one. */
  #remove(thread: Thread): boolean {
    const wasRunning = this.#running.delete(thread);
    this.#speed.setBusy(this.#running.size, this.nowMs);
    return wasRunning;
  }

  /** Counts what a running thread has had until now. */
  #account(thread: Thread): void {
    const ranMs = this.nowMs - thread.sinceMs;
    const doneMs = this.#speed.doneBy(this.nowMs);
    if (thread.end !== null) {
      thread.needMs = Math.max(0, thread.needMs - (doneMs - thread.sinceDoneMs));
    }
    thread.sinceMs = this.nowMs;
    thread.sinceDoneMs = doneMs;
    thread.hadMs += ranMs;
    this.#busyMs += ranMs;
  }

  /** Brings the figures of all running threads up to date. */
  #look(): void {
    let leastMs = this.#ready.leastMs;
    for (const thread of this.#running) {
      this.#account(thread);
      if (thread.hadMs < leastMs) leastMs = thread.hadMs;
    }
    if (leastMs > this.#leastMs && leastMs < Infinity) this.#leastMs = leastMs;
  }

  #mostServed(): Thread {
    let most: Thread | undefined;
    for (const thread of this.#running) {
      if (most === undefined || thread.hadMs > most.hadMs) most = thread;
    }
    return most!;
  }

  /** Plans a look at the slices of the running threads, as others wait. */
  #planTick(): void {
    if (this.#tickDue !== null) return;
    let atMs = Infinity;
    for (const thread of this.#running) {
      // While nobody waited, one slice followed the other. One that ends just now is yet to be looked at.
      const slices = Math.ceil((this.nowMs - thread.coreSinceMs) / this.#sliceMs) - 1;
      if (slices > 0) thread.coreSinceMs += slices * this.#sliceMs;
      atMs = Math.min(atMs, thread.coreSinceMs + this.#sliceMs);
    }
    this.#tickDue = this.at(Math.max(atMs, this.nowMs), this.#ticked, undefined);
  }

  #tick(): void {
    this.#tickDue = null;
    this.#look();
    for (const thread of [...this.#running]) {
      if (this.#ready.isEmpty) return;
      if (this.nowMs < thread.coreSinceMs + this.#sliceMs) continue;
      thread.coreSinceMs = this.nowMs; // another slice, if all that wait have had more
      if (this.#ready.leastMs > thread.hadMs) continue;
      const next = this.#ready.take()!;
      this.#preempt(thread);
      this.#dispatch(next);
    }
    if (!this.#ready.isEmpty) this.#planTick();
  }
}
