import { ABORTED, PENDING, REVOKED, RUNNING } from "./call_states.ts";

/**
 * The calls a worker has been sent and has not answered, in order. Each has a state word, by which
 * the router and the worker agree on whether it is still to be run (`call_states.ts`).
 */
export class SentCalls {
  readonly #states: Int32Array;
  /** Number of the call in the pool, by place; 0 when it was revoked. */
  readonly #seqs: Float64Array;
  readonly #mask: number;
  readonly #first: number;
  /** Calls sent so far, and those of them that are answered. */
  written = 0;
  read = 0;

  /**
   * As many calls as there are words at most, which is a power of two. If the worker does not see
   * them, a call is taken to run as soon as it is sent.
   */
  constructor(states: Int32Array, areShared: boolean) {
    this.#states = states;
    this.#first = areShared ? PENDING : RUNNING;
    this.#seqs = new Float64Array(states.length);
    this.#mask = states.length - 1;
  }

  /** Calls without an answer. */
  get size(): number {
    return (this.written - this.read) | 0;
  }

  get room(): number {
    return this.#states.length - this.size;
  }

  /** Adds a call, which the worker must not see before. */
  add(seq: number): void {
    const place = this.written & this.#mask;
    this.#states[place] = this.#first;
    this.#seqs[place] = seq;
    this.written = (this.written + 1) | 0;
  }

  /** The call added last was not sent after all. */
  undo(): void {
    this.written = (this.written - 1) | 0;
  }

  /** The oldest one is answered: gives its number in the pool, 0 if it was revoked. */
  take(): number {
    const seq = this.#seqs[this.read & this.#mask];
    this.read = (this.read + 1) | 0;
    return seq;
  }

  /** Takes back a call that has not begun; tells whether it had not. */
  revoke(seq: number): boolean {
    const call = this.#find(seq);
    if (call === undefined) return false;
    const place = call & this.#mask;
    if (Atomics.compareExchange(this.#states, place, PENDING, REVOKED) !== PENDING) return false;
    this.#seqs[place] = 0;
    return true;
  }

  /** Marks a call as aborted: gives the call as the worker counts it, if it is not over. */
  abort(seq: number): number | undefined {
    const call = this.#find(seq);
    if (call === undefined) return undefined;
    const place = call & this.#mask;
    // One that has not begun will not: the worker answers it at once.
    if (Atomics.compareExchange(this.#states, place, PENDING, ABORTED) !== PENDING) {
      Atomics.compareExchange(this.#states, place, RUNNING, ABORTED);
    }
    return call;
  }

  /** Number in the pool of a call as the worker counts it; 0 if it is not one of these. */
  seqOf(call: number): number {
    const age = (call - this.read) | 0;
    return age >= 0 && age < this.size ? this.#seqs[call & this.#mask] : 0;
  }

  /** Number of the call that the worker is on, 0 if it has begun none. */
  get running(): number {
    if (this.size === 0) return 0;
    const place = this.read & this.#mask;
    const state = Atomics.load(this.#states, place);
    return state === PENDING || state === REVOKED ? 0 : this.#seqs[place];
  }

  #find(seq: number): number | undefined {
    for (let call = this.read; call !== this.written; call = (call + 1) | 0) {
      if (this.#seqs[call & this.#mask] === seq) return call;
    }
    return undefined;
  }
}
