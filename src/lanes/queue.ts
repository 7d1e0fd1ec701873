import type { Call } from "../job/call.ts";
import type { Outlook } from "../policy/load.ts";
import type { JobFacts } from "../policy/policy.ts";
import { WorkOrder } from "./work_order.ts";

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
  /** The call that starts last. */
  readonly last: Call | null;
  /** Expected time of the calls that start before a job, in ms; `NaN` if unknown for any. */
  aheadMs(job: JobFacts, nowMs: number): number;
  /** How a job would fare that is not in it; `null` if it does not plan. */
  outlook?(job: JobFacts): Outlook;
  /** A call starts to run, or is handed to a worker; it may never have been in it. */
  started?(call: Call): void;
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
 * All operations are O(1), except putting a call back behind older ones. Once it has been asked what is
 * ahead of a job or the last one, it also keeps the calls in a tree, where adding, removing and asking are O(log n).
 */
export class PriorityQueue implements CallQueue {
  length = 0;
  readonly #ageingMs: number;
  readonly #heads: (Call | null)[] = new Array(LEVELS).fill(null);
  readonly #tails: (Call | null)[] = new Array(LEVELS).fill(null);
  #order: WorkOrder | null = null;

  constructor(ageingMs: number) {
    this.#ageingMs = ageingMs;
  }

  push(call: Call, nowMs: number): void {
    const { ticket } = call;
    const level = ticket.level = levelOf(call.facts);
    const tail = this.#tails[level];
    ticket.queuedAtMs = nowMs;
    ticket.isQueued = true;
    ticket.previous = tail;
    ticket.next = null;
    if (tail === null) this.#heads[level] = call;
    else tail.ticket.next = call;
    this.#tails[level] = call;
    this.length++;
    if (this.#order !== null) this.#sort(this.#order, call);
  }

  putBack(call: Call): void {
    const { ticket } = call;
    const level = ticket.level = levelOf(call.facts);
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
    if (this.#order !== null) this.#sort(this.#order, call);
  }

  get first(): Call | null {
    if (this.length === 0) return null;
    let best: Call | null = null;
    let bestKey = Infinity;
    for (let level = LEVELS - 1; level >= 0; level--) {
      const head = this.#heads[level];
      if (head === null) continue;
      const key = this.#keyAt(head.ticket.queuedAtMs!, level);
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
    this.#order?.remove(call);
    return true;
  }

  get last(): Call | null {
    return this.#sorted().end("right");
  }

  aheadMs(job: JobFacts, nowMs: number): number {
    return this.#sorted().aheadMs(job.id, this.#keyAt(nowMs, levelOf(job)));
  }

  #keyAt(queuedAtMs: number, level: number): number {
    return queuedAtMs - level * this.#ageingMs;
  }

  #sorted(): WorkOrder {
    if (this.#order !== null) return this.#order;
    const order = this.#order = new WorkOrder();
    for (const call of this.all()) this.#sort(order, call);
    return order;
  }

  #sort(order: WorkOrder, call: Call): void {
    const { level, queuedAtMs } = call.ticket;
    order.add(call, this.#keyAt(queuedAtMs!, level));
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
function levelOf({ priority }: JobFacts): number {
  return priority >= 0 && priority < LEVELS ? Math.trunc(priority) : 0;
}

/** A policy's own order, the least number first, ties by arrival. All operations are O(log n). */
export class OrderedQueue implements CallQueue {
  readonly #order = new WorkOrder();
  readonly #orderOf: (job: JobFacts) => number;

  constructor(orderOf: (job: JobFacts) => number) {
    this.#orderOf = orderOf;
  }

  get length(): number {
    return this.#order.size;
  }

  push(call: Call, nowMs: number): void {
    call.ticket.queuedAtMs = nowMs;
    call.ticket.order = this.#orderOf(call.facts);
    this.#add(call);
  }

  putBack(call: Call): void {
    // A call that was handed out at once has no number yet.
    call.ticket.order ??= this.#orderOf(call.facts);
    this.#add(call);
  }

  get first(): Call | null {
    return this.#order.end("left");
  }

  get last(): Call | null {
    return this.#order.end("right");
  }

  aheadMs(job: JobFacts): number {
    return this.#order.aheadMs(job.id, this.#orderOf(job));
  }

  remove(call: Call): boolean {
    if (!call.ticket.isQueued) return false;
    call.ticket.isQueued = false;
    this.#order.remove(call);
    return true;
  }

  all(): Call[] {
    return this.#order.all();
  }

  #add(call: Call): void {
    call.ticket.isQueued = true;
    this.#order.add(call, call.ticket.order!);
  }
}
