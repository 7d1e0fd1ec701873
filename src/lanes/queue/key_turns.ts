import { IndexedHeap } from "../../indexed_heap.ts";
import type { Call } from "../../job/call.ts";
import { deadlineOf } from "../../policy/deadline.ts";
import type * as ticket from "../../job/ticket.ts";
import { correctFor, Flow, Turns } from "./turns.ts";

/** The calls of one key, the earliest deadline first, then in order of arrival. */
class KeyFlow extends Flow implements ticket.KeyFlow {
  /** Its only call; `null` once there were several, as most keys have one. */
  #only: Call | null = null;
  #calls: IndexedHeap<Call> | null = null;
  readonly #turns: Turns<KeyFlow>;

  constructor(key: string, turns: Turns<KeyFlow>) {
    super(key);
    this.#turns = turns;
  }

  get first(): Call | null {
    return this.#only ?? this.#calls?.first ?? null;
  }

  add(call: Call): void {
    if (this.size === 0) this.#only = call;
    else {
      const calls = this.#calls ??= new IndexedHeap<Call>(isDueBefore, placed);
      if (this.#only !== null) calls.push(this.#only);
      this.#only = null;
      calls.push(call);
    }
  }

  remove(call: Call): void {
    if (this.#only === call) this.#only = null;
    else this.#calls!.removeAt(call.ticket.flowPlace);
  }

  charge(ms: number, isStart: boolean): void {
    this.#turns.charge(this, ms, isStart);
  }
}

/** Calls whose keys take turns. */
export class KeyTurns {
  readonly #turns = new Turns<KeyFlow>();

  /** Expected time of all calls, in ms. */
  get waitingMs(): number {
    return this.#turns.waitingMs;
  }

  /** Number of keys that are known. */
  get known(): number {
    return this.#turns.known;
  }

  /** The call that starts next. */
  get first(): Call | null {
    return this.#turns.first?.first ?? null;
  }

  add(call: Call): void {
    const { ticket, facts: { key } } = call;
    correctFor(call, 0); // it may have been about to run
    const flow = this.#turns.get(key) ?? this.#turns.add(new KeyFlow(key, this.#turns));
    ticket.flow = flow;
    ticket.flowMs = ticket.expectedMs;
    flow.add(call);
    this.#turns.wait(flow, ticket.flowMs);
  }

  /** Removes a call that is in it. */
  remove(call: Call): void {
    const { ticket } = call;
    const flow = ticket.flow as KeyFlow;
    flow.remove(call);
    this.#turns.leave(flow, ticket.flowMs);
  }

  /** Expected time of what starts before a job of a key that comes now, in ms. */
  aheadMs(key: string): number {
    const flow = this.#turns.get(key);
    const ownMs = flow?.waitingMs ?? 0;
    return ownMs + this.#turns.othersMs(flow, ownMs);
  }
}

function isDueBefore(a: Call, b: Call): boolean {
  const [due, other] = [deadlineOf(a.facts), deadlineOf(b.facts)];
  return due === other ? a.facts.id < b.facts.id : due < other;
}

function placed(call: Call, place: number): void {
  call.ticket.flowPlace = place;
}
