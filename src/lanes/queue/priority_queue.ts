import type { Call } from "../../job/call.ts";
import type { JobFacts } from "../../policy/policy.ts";
import { type KeyedQueue, levelOf, LEVELS } from "./call_queue.ts";
import { WorkOrder } from "./work_order.ts";

/** Calls of other kinds between two that may run together, at most. */
const MOST_LOOKS = 32;

/**
 * Priority with ageing: one FIFO list per level; the next call is the one with the least
 * `arrival - level * ageing`, so a call rises one level per `ageingMs` waited, and none starves.
 * All operations are O(1), except putting a call back behind older ones. Once it has been asked what is
 * ahead of a job or the last one, it also keeps the calls in a tree, where adding, removing and asking are O(log n).
 */
export class PriorityQueue implements KeyedQueue {
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

  /** Of the calls of its level, the first few are looked at. */
  mateOf({ kind, ticket: { level } }: Call, untilMs: number): Call | null {
    const { first } = this;
    if (first === null || first.kind === kind) return first;
    if (first.ticket.level !== level) return null;
    let call: Call | null = first;
    for (let looks = 0; call !== null && call.kind !== kind; call = call.ticket.next) {
      const { facts: { arrivedAtMs, latencyBudgetMs }, ticket } = call;
      const isLate = untilMs + (ticket.expectedMs || 0) > arrivedAtMs + latencyBudgetMs;
      if (isLate || ++looks > MOST_LOOKS) return null;
    }
    return call;
  }

  aheadMs(job: JobFacts, nowMs: number): number {
    return this.#sorted().aheadMs(job.id, this.#keyAt(nowMs, levelOf(job)));
  }

  keyOf({ ticket: { level, queuedAtMs } }: Call): number {
    return this.#keyAt(queuedAtMs!, level);
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
    order.add(call, this.keyOf(call));
  }

  all(): Call[] {
    const calls: Call[] = [];
    for (const head of this.#heads) {
      for (let call = head; call !== null; call = call.ticket.next) calls.push(call);
    }
    return calls;
  }
}
