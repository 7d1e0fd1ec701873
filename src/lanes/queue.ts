import { IndexedHeap } from "../indexed_heap.ts";
import type { JobFacts } from "../policy/policy.ts";
import type { Call } from "../job/call.ts";

const LEVELS = 10;

/** A queue of waiting calls. The caller bounds it. */
export interface CallQueue {
  /** Number of calls in it. */
  readonly length: number;
  /** Adds a call. */
  push(call: Call, nowMs: number): void;
  /** Adds a call that was in it before: it keeps its arrival time. */
  putBack(call: Call): void;
  /** The call that starts next. */
  readonly first: Call | null;
  /**
   * Removes a call.
   *
   * @returns Whether it was there.
   */
  remove(call: Call): boolean;
  /** The calls, in no particular order. */
  all(): Call[];
}

/**
 * Priority with ageing: one FIFO list per level; the next call is the one with the least
 * `arrival - level * ageing`, so a call rises one level per `ageingMs` waited, and none starves.
 * All operations are O(1), except putting a call back behind older ones.
 */
export class PriorityQueue implements CallQueue {
  length = 0;
  readonly #ageingMs: number;
  readonly #heads: (Call | null)[] = new Array(LEVELS).fill(null);
  readonly #tails: (Call | null)[] = new Array(LEVELS).fill(null);

  constructor(ageingMs: number) {
    this.#ageingMs = ageingMs;
  }

  push(call: Call, nowMs: number): void {
    const { ticket } = call;
    const level = ticket.level = levelOf(call);
    const tail = this.#tails[level];
    ticket.queuedAtMs = nowMs;
    ticket.isQueued = true;
    ticket.previous = tail;
    ticket.next = null;
    if (tail === null) this.#heads[level] = call;
    else tail.ticket.next = call;
    this.#tails[level] = call;
    this.length++;
  }

  putBack(call: Call): void {
    const { ticket } = call;
    const level = ticket.level = levelOf(call);
    // A call that was handed out at once has never been in it.
    const queuedAtMs = ticket.queuedAtMs ??= call.facts.submittedAtMs;
    let next = this.#heads[level];
    while (next !== null && next.ticket.queuedAtMs! < queuedAtMs) next = next.ticket.next;
    const previous = next === null ? this.#tails[level] : next.ticket.previous;
    ticket.isQueued = true;
    ticket.previous = previous;
    ticket.next = next;
    if (previous === null) this.#heads[level] = call;
    else previous.ticket.next = call;
    if (next === null) this.#tails[level] = call;
    else next.ticket.previous = call;
    this.length++;
  }

  get first(): Call | null {
    if (this.length === 0) return null;
    let best: Call | null = null;
    let bestKey = Infinity;
    for (let level = LEVELS - 1; level >= 0; level--) {
      const head = this.#heads[level];
      if (head === null) continue;
      const key = head.ticket.queuedAtMs! - level * this.#ageingMs;
      if (key < bestKey) {
        best = head;
        bestKey = key;
      }
    }
    return best;
  }

  remove(call: Call): boolean {
    const { ticket } = call;
    if (!ticket.isQueued) return false;
    const { level } = ticket;
    if (ticket.previous === null) this.#heads[level] = ticket.next;
    else ticket.previous.ticket.next = ticket.next;
    if (ticket.next === null) this.#tails[level] = ticket.previous;
    else ticket.next.ticket.previous = ticket.previous;
    ticket.previous = null;
    ticket.next = null;
    ticket.isQueued = false;
    this.length--;
    return true;
  }

  all(): Call[] {
    const calls: Call[] = [];
    for (const head of this.#heads) {
      for (let call = head; call !== null; call = call.ticket.next) calls.push(call);
    }
    return calls;
  }
}

/** A policy may have written to the facts. */
function levelOf({ facts: { priority } }: Call): number {
  return priority >= 0 && priority < LEVELS ? Math.trunc(priority) : 0;
}

/** A policy's own order, ties by arrival. Adding and removing are O(log n). */
export class OrderedQueue implements CallQueue {
  readonly #heap: IndexedHeap<Call>;

  constructor(order: (a: JobFacts, b: JobFacts) => number) {
    this.#heap = new IndexedHeap<Call>(
      (a, b) => (order(a.facts, b.facts) || a.facts.id - b.facts.id) < 0,
      (call, index) => {
        call.ticket.heapIndex = index;
        call.ticket.isQueued = index >= 0;
      },
    );
  }

  get length(): number {
    return this.#heap.size;
  }

  push(call: Call, nowMs: number): void {
    call.ticket.queuedAtMs = nowMs;
    this.#heap.push(call);
  }

  putBack(call: Call): void {
    this.#heap.push(call);
  }

  get first(): Call | null {
    return this.#heap.first ?? null;
  }

  remove(call: Call): boolean {
    if (!call.ticket.isQueued) return false;
    this.#heap.removeAt(call.ticket.heapIndex);
    return true;
  }

  all(): Call[] {
    return this.#heap.all();
  }
}
