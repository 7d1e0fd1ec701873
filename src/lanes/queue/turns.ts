import { IndexedHeap } from "../../indexed_heap.ts";
import type { Call } from "../../job/call.ts";

/** What a call counts as of which nobody knows how long it takes, in ms, and what any counts as at least. */
const UNKNOWN_MS = 1;
const LEAST_MS = 0.001;
/** How many of those are remembered of which none waits, at most. */
const MOST_REMEMBERED = 1_000;

/** One of those who take turns: a key, a kind. */
export class Flow {
  readonly name: string | number;
  /** What it has had by the time it is its turn, in ms. */
  tagMs = 0;
  /** Of equals, the one with the least number is first: it has waited longest. */
  turn = 0;
  /** Its place among those who wait; -1 if it does not. */
  place = -1;
  /** Expected time of what waits, in ms, and number of calls. */
  waitingMs = 0;
  size = 0;
  /** Its neighbours among those of which none waits. */
  older: Flow | null = null;
  younger: Flow | null = null;

  constructor(name: string | number) {
    this.name = name;
  }
}

/** What a call of an expected time counts as, in ms. */
export function chargeOf(expectedMs: number): number {
  return expectedMs >= 0 ? Math.max(LEAST_MS, expectedMs) : UNKNOWN_MS;
}

/** A call starts, or joins a batch: its key is charged for it, once, if it took its turn. */
export function chargeFor({ ticket }: Call): void {
  if (ticket.flow === null || ticket.chargedMs > 0) return;
  ticket.chargedMs = chargeOf(ticket.expectedMs);
  ticket.flow.charge(ticket.chargedMs, true);
}

/** A call has run for so long, in ms, or not at all: what its key was charged is put right. */
export function correctFor({ ticket }: Call, ms: number): void {
  if (ticket.flow === null || ticket.chargedMs === 0 || !(ms >= 0)) return;
  ticket.flow.charge(ms === 0 ? -ticket.chargedMs : chargeOf(ms) - ticket.chargedMs, false);
  ticket.chargedMs = 0;
}

/** A call goes on to another queue. */
export function forgetTurn({ ticket }: Call): void {
  if (ticket.flow === null) return;
  ticket.flow = null;
  ticket.chargedMs = 0;
}

/**
 * Whose turn it is: of those who wait, who has had least since any began to wait (Goyal, Vin and Cheng,
 * "Start-Time Fair Queueing", 1996). Who comes anew begins where the others are, so that nobody saves up; one of
 * which none waits any more is forgotten once the others have had as much.
 */
export class Turns<F extends Flow> {
  readonly #flows = new Map<string | number, F>();
  readonly #waiting = new IndexedHeap<F>(isBefore, placed);
  /** What those have had whose turn it is. */
  #nowMs = 0;
  #turn = 0;
  #oldest: Flow | null = null;
  #youngest: Flow | null = null;
  #remembered = 0;
  /** Expected time of all that waits, in ms, and number of calls. */
  waitingMs = 0;
  size = 0;

  /** Number of those who wait. */
  get count(): number {
    return this.#waiting.size;
  }

  /** Number of those that are known, with those that are only remembered. */
  get known(): number {
    return this.#flows.size;
  }

  /** Whose turn it is; `undefined` if none waits. */
  get first(): F | undefined {
    return this.#waiting.first;
  }

  get(name: string | number): F | undefined {
    return this.#flows.get(name);
  }

  /** Makes one known. */
  add(flow: F): F {
    this.#flows.set(flow.name, flow);
    return flow;
  }

  /** A call of it waits. */
  wait(flow: F, expectedMs: number): void {
    this.#count(flow, 1, expectedMs);
    if (flow.place >= 0) return;
    if (flow.size === 1 && this.#isIdle(flow)) this.#unlink(flow);
    if (flow.turn === 0 || flow.tagMs < this.#nowMs) {
      flow.tagMs = this.#nowMs;
      flow.turn = ++this.#turn;
    }
    this.#waiting.push(flow);
  }

  /** A call of it waits no longer. */
  leave(flow: F, expectedMs: number): void {
    this.#count(flow, -1, expectedMs);
    if (flow.size > 0) return;
    this.#waiting.removeAt(flow.place);
    flow.waitingMs = 0; // the same
    this.#link(flow);
    this.#forget();
  }

  /** A call of it starts, or it turns out that it has had more, or less, than it was charged. */
  charge(flow: F, ms: number, isStart: boolean): void {
    if (isStart) {
      this.#nowMs = Math.max(this.#nowMs, flow.tagMs);
      flow.turn = ++this.#turn;
    }
    flow.tagMs += ms;
    if (flow.place >= 0) this.#waiting.moved(flow.place);
  }

  /** What all others get before it is the turn of a call that has so much of its own before it, in ms. */
  othersMs(flow: F | undefined, ownMs: number): number {
    const others = this.count - (flow !== undefined && flow.place >= 0 ? 1 : 0);
    if (others === 0) return 0;
    const meanMs = this.waitingMs / this.size;
    return Math.min(this.waitingMs - (flow?.waitingMs ?? 0), others * (ownMs + meanMs));
  }

  #count(flow: F, sign: 1 | -1, expectedMs: number): void {
    const ms = sign * (expectedMs >= 0 ? expectedMs : 0);
    flow.waitingMs += ms;
    flow.size += sign;
    this.waitingMs += ms;
    this.size += sign;
    if (this.size === 0) this.waitingMs = 0; // or rounding errors would add up
  }

  #isIdle(flow: Flow): boolean {
    return flow === this.#oldest || flow.older !== null;
  }

  #link(flow: Flow): void {
    flow.older = this.#youngest;
    if (this.#youngest === null) this.#oldest = flow;
    else this.#youngest.younger = flow;
    this.#youngest = flow;
    this.#remembered++;
  }

  #unlink(flow: Flow): void {
    if (flow.older === null) this.#oldest = flow.younger;
    else flow.older.younger = flow.younger;
    if (flow.younger === null) this.#youngest = flow.older;
    else flow.younger.older = flow.older;
    flow.older = null;
    flow.younger = null;
    this.#remembered--;
  }

  #forget(): void {
    for (let flow = this.#oldest; flow !== null; flow = this.#oldest) {
      const counts = flow.tagMs > this.#nowMs && this.#remembered <= MOST_REMEMBERED;
      // The youngest has just left, and may be about to be charged.
      if (counts || flow === this.#youngest) return;
      this.#unlink(flow);
      this.#flows.delete(flow.name);
    }
  }
}

function isBefore(a: Flow, b: Flow): boolean {
  return a.tagMs === b.tagMs ? a.turn < b.turn : a.tagMs < b.tagMs;
}

function placed(flow: Flow, place: number): void {
  flow.place = place;
}
