import { ABORTED, DONE, PENDING, REVOKED, RUNNING, STOPPING } from "./call_states.ts";

/**
 * The calls sent to a worker whose results have not been read, in order. Each has a state word, by
 * which the router and the worker agree on who owns it (`call_states.ts`).
 */
export class SentCalls {
  readonly #states: Int32Array;
  /** The calls' numbers in the pool; 0 for one that was revoked. */
  readonly #seqs: Float64Array;
  readonly #mask: number;
  readonly #first: number;
  /** Calls sent so far, and results of them read so far. */
  written = 0;
  read = 0;

  /**
   * The number of state words, a power of two, is the capacity. If they are not shared with the
   * worker, a call counts as running as soon as it is sent.
   */
  constructor(states: Int32Array, areShared: boolean) {
    this.#states = states;
    this.#first = areShared ? PENDING : RUNNING;
    this.#seqs = new Float64Array(states.length);
    this.#mask = states.length - 1;
  }

  /** Number of calls whose results have not been read. */
  get size(): number {
    return (this.written - this.read) | 0;
  }

  get room(): number {
    return this.#states.length - this.size;
  }

  /** Adds a call, before it is published to the worker. */
  add(seq: number): void {
    const place = this.written & this.#mask;
    this.#states[place] = this.#first;
    this.#seqs[place] = seq;
    this.written = (this.written + 1) | 0;
  }

  /** Removes the call added last, which could not be sent. */
  undo(): void {
    this.written = (this.written - 1) | 0;
  }

  /** Removes the oldest call; returns its number in the pool, 0 if it was revoked. */
  take(): number {
    const seq = this.#seqs[this.read & this.#mask];
    this.read = (this.read + 1) | 0;
    return seq;
  }

  /** Revokes a call that has not begun; returns whether it was revoked. */
  revoke(seq: number): boolean {
    const call = this.#find(seq);
    if (call === undefined) return false;
    const place = call & this.#mask;
    if (Atomics.compareExchange(this.#states, place, PENDING, REVOKED) !== PENDING) return false;
    this.#seqs[place] = 0;
    return true;
  }

  /** Marks a call as aborted; returns its number in the worker, `undefined` if it has ended. */
  abort(seq: number): number | undefined {
    const call = this.#find(seq);
    if (call === undefined) return undefined;
    const place = call & this.#mask;
    // A pending call will not run: the worker ends it at once.
    if (Atomics.compareExchange(this.#states, place, PENDING, ABORTED) !== PENDING) {
      Atomics.compareExchange(this.#states, place, RUNNING, STOPPING);
    }
    return call;
  }

  /** Turns a call's number in the worker into that in the pool; 0 if it has ended. */
  seqOf(call: number): number {
    const age = (call - this.read) | 0;
    return age >= 0 && age < this.size ? this.#seqs[call & this.#mask] : 0;
  }

  /** Marks the calls before number `end` as run to their end, where their worker does not. */
  finishBefore(end: number): void {
    for (let call = this.read; ((end - call) | 0) > 0; call = (call + 1) | 0) {
      const place = call & this.#mask;
      if (this.#stateOf(call) !== REVOKED) Atomics.store(this.#states, place, DONE);
    }
  }

  /** Whether the oldest call may have a result by now. */
  get isOver(): boolean {
    if (this.size === 0) return false;
    const state = this.#stateOf(this.read);
    return state === DONE || state === REVOKED || this.#first === RUNNING;
  }

  /** Whether the worker has begun the oldest call. */
  get hasBegun(): boolean {
    if (this.size === 0) return false;
    const state = this.#stateOf(this.read);
    return state !== PENDING && state !== REVOKED;
  }

  /** Number in the pool of the call that the worker is running, 0 if none. */
  get running(): number {
    const running = (state: number) => state === RUNNING || state === STOPPING;
    return this.#seqsWhere(running)[0] ?? 0;
  }

  /** Numbers in the pool of the calls that the worker has run to their end. */
  get done(): number[] {
    return this.#seqsWhere((state) => state === DONE);
  }

  #seqsWhere(isWanted: (state: number) => boolean): number[] {
    const seqs: number[] = [];
    for (let call = this.read; call !== this.written; call = (call + 1) | 0) {
      if (isWanted(this.#stateOf(call))) seqs.push(this.#seqs[call & this.#mask]);
    }
    return seqs;
  }

  #stateOf(call: number): number {
    return Atomics.load(this.#states, call & this.#mask);
  }

  #find(seq: number): number | undefined {
    for (let call = this.read; call !== this.written; call = (call + 1) | 0) {
      if (this.#seqs[call & this.#mask] === seq) return call;
    }
    return undefined;
  }
}
