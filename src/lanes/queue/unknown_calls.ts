import { IndexedHeap } from "../../indexed_heap.ts";
import type { KindFacts } from "../../policy/policy.ts";
import { isBefore } from "./plan_tree.ts";
import type { Waiting } from "./timetable.ts";

/**
 * Calls that came when little was known of their kind, by kind: in each the earliest deadline first. A plan would cost
 * ten times as much, and know no better.
 */
export class UnknownCalls {
  readonly ofKinds: Map<KindFacts, IndexedHeap<Waiting>> = new Map();
  size = 0;

  get first(): Waiting | null {
    return this.#best((a, b) => isBefore(a, b), ({ first }) => [first!]);
  }

  /** The last one: each is looked at. */
  get last(): Waiting | null {
    return this.#best((a, b) => isBefore(b, a), (calls) => calls.all());
  }

  #best(
    isBetter: (a: Waiting, b: Waiting) => boolean,
    candidates: (calls: IndexedHeap<Waiting>) => readonly Waiting[],
  ): Waiting | null {
    let best: Waiting | null = null;
    for (const calls of this.ofKinds.values()) {
      for (const one of candidates(calls)) if (best === null || isBetter(one, best)) best = one;
    }
    return best;
  }

  add(entry: Waiting): void {
    const { kind } = entry.call;
    let calls = this.ofKinds.get(kind);
    if (calls === undefined) this.ofKinds.set(kind, calls = newHeap());
    calls.push(entry);
    this.size++;
  }

  remove(entry: Waiting): void {
    const { kind } = entry.call;
    const calls = this.ofKinds.get(kind)!;
    calls.removeAt(entry.unknownPlace);
    if (calls.size === 0) this.ofKinds.delete(kind);
    this.size--;
  }
}

function newHeap(): IndexedHeap<Waiting> {
  return new IndexedHeap<Waiting>(isBefore, (entry, place) => entry.unknownPlace = place);
}
