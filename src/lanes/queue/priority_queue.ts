import type { Call } from "../../job/call.ts";
import { deadlineOf } from "../../policy/deadline.ts";
import type { JobFacts } from "../../policy/policy.ts";
import { type KeyedQueue, levelOf, LEVELS } from "./call_queue.ts";
import { KeyTurns } from "./key_turns.ts";
import { chargeFor, correctFor } from "./turns.ts";
import { WorkOrder } from "./work_order.ts";

/** Calls of other kinds between two that may run together, at most. */
const MOST_LOOKS = 32;

/**
 * Priority with ageing: one FIFO list per level; the next call is the one with the least
 * `arrival - level * ageing`, so a call rises one level per `ageingMs` waited, and none starves.
 * All operations are O(1), except putting a call back behind older ones. Once it has been asked what is
 * ahead of a job or the last one, it also keeps the calls in a tree, where adding, removing and asking are O(log n).
 * While jobs of several keys wait, keys take turns in each level.
 */
export class PriorityQueue implements KeyedQueue {
  length = 0;
  readonly #ageingMs: number;
  readonly #heads: (Call | null)[] = new Array(LEVELS).fill(null);
  readonly #tails: (Call | null)[] = new Array(LEVELS).fill(null);
  #order: WorkOrder | null = null;
  /** Whether keys take turns. */
  readonly #isFair: boolean;
  /** The key of all that wait, while it is one. */
  #key = "";
  /** By level, once there are several keys; until none waits. */
  #turns: (KeyTurns | null)[] | null = null;

  constructor(ageingMs: number, isFair = true) {
    this.#ageingMs = ageingMs;
    this.#isFair = isFair;
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
    this.#added(call);
  }

  putBack(call: Call): void {
    const { ticket } = call;
    const level = ticket.level = levelOf(call.facts);
    // A call that was handed out at once has never been in it.
    const queuedAtMs = ticket.queuedAtMs ??= call.facts.submittedAtMs;
    const tail = this.#tails[level];
    let next = tail !== null && tail.ticket.queuedAtMs! < queuedAtMs ? null : this.#heads[level];
    while (next !== null && next.ticket.queuedAtMs! < queuedAtMs) next = next.ticket.next;
    const previous = next === null ? this.#tails[level] : next.ticket.previous;
    ticket.isQueued = true;
    ticket.previous = previous;
    ticket.next = next;
    if (previous === null) this.#heads[level] = call;
    else previous.ticket.next = call;
    if (next === null) this.#tails[level] = call;
    else next.ticket.previous = call;
    this.#added(call);
  }

  #added(call: Call): void {
    const { key } = call.facts;
    if (this.length++ === 0) this.#key = key;
    if (this.#order !== null) this.#sort(this.#order, call);
    if (this.#turns !== null) this.#takesTurns(call);
    else if (key !== this.#key && this.#isFair) this.#share();
  }

  #share(): void {
    this.#turns = new Array(LEVELS).fill(null);
    for (const call of this.all()) this.#takesTurns(call);
  }

  #takesTurns(call: Call): void {
    const { level } = call.ticket;
    (this.#turns![level] ??= new KeyTurns()).add(call);
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
    if (this.#turns === null) return best;
    return this.#turns[best!.ticket.level]!.first;
  }

  started(call: Call): void {
    chargeFor(call);
  }

  ran(call: Call, ms: number): void {
    correctFor(call, ms);
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
    if (this.#turns !== null) this.#leavesTurns(call);
    return true;
  }

  #leavesTurns(call: Call): void {
    const { level } = call.ticket;
    const turns = this.#turns![level]!;
    turns.remove(call);
    if (this.#heads[level] === null) this.#turns![level] = null;
    if (this.length === 0) this.#turns = null;
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
      const isLate = untilMs + (call.ticket.expectedMs || 0) > deadlineOf(call.facts);
      if (isLate || ++looks > MOST_LOOKS) return null;
    }
    return call;
  }

  /** Whether all that wait would start before a job that comes now. */
  isBehindAll(job: JobFacts): boolean {
    if (this.#turns !== null || (this.#isFair && job.key !== this.#key)) return false;
    for (let level = levelOf(job) - 1; level >= 0; level--) {
      if (this.#heads[level] !== null) return false;
    }
    return true;
  }

  aheadMs(job: JobFacts, nowMs: number): number {
    const order = this.#sorted();
    const level = levelOf(job);
    const ms = order.aheadMs(job.id, this.#keyAt(nowMs, level));
    if (order.hasJob(job.id)) return ms;
    if (this.#turns === null && this.#isFair && this.length > 0 && job.key !== this.#key) {
      this.#share();
    }
    const turns = this.#turns?.[level];
    if (turns == null) return ms;
    // All in its level have come before it; but it does not have to wait for all of them.
    return Math.min(ms, Math.max(0, ms - turns.waitingMs) + turns.aheadMs(job.key));
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
