import { IndexedHeap } from "../../indexed_heap.ts";
import type { KeyFlow } from "../../job/ticket.ts";
import { LEVELS } from "./call_queue.ts";
import { type Entry, PlanTree } from "./plan_tree.ts";
import { correctFor, Flow, Turns } from "./turns.ts";

/** How many keys are asked at most who is to step back: those that are farthest ahead. */
const MOST_ASKED = 8;

/** A call of a class, with the key of its job. */
export interface KeyedEntry extends Entry {
  readonly key: string;
  /** What waits with it, once its class has several keys. */
  flow: Flow | null;
}

/** The calls of one key in a level, as they are due. */
class KeyPlan extends Flow implements KeyFlow {
  readonly tree = new PlanTree(1);
  /** Its place among those that are farthest ahead. */
  farPlace = -1;
  readonly #keys: LevelKeys;

  constructor(key: string, keys: LevelKeys) {
    super(key);
    this.#keys = keys;
  }

  /** What it will have had when all of it has run. */
  get endMs(): number {
    return this.tagMs + this.waitingMs;
  }

  charge(ms: number, isStart: boolean): void {
    this.#keys.charge(this, ms, isStart);
  }
}

/** The keys of a class in one level. */
class LevelKeys {
  readonly turns = new Turns<KeyPlan>();
  readonly #far = new IndexedHeap<KeyPlan>(
    (a, b) => a.endMs > b.endMs,
    (flow, place) => flow.farPlace = place,
  );

  add(entry: KeyedEntry): void {
    const flow = this.turns.get(entry.key) ?? this.turns.add(new KeyPlan(entry.key, this));
    entry.flow = flow;
    if (entry.call !== null) { // it is no job that is only asked about
      correctFor(entry.call, 0); // it may have been about to run
      entry.call.ticket.flow = flow;
    }
    flow.tree.add(entry);
    this.turns.wait(flow, entry.keepsMs);
    this.#move(flow);
  }

  remove(entry: KeyedEntry): void {
    const flow = entry.flow as KeyPlan;
    flow.tree.remove(entry);
    this.turns.leave(flow, entry.keepsMs);
    this.#move(flow);
  }

  charge(flow: KeyPlan, ms: number, isStart: boolean): void {
    this.turns.charge(flow, ms, isStart);
    if (flow.farPlace >= 0) this.#move(flow);
  }

  /** The largest up to a place, of the key that is farthest ahead; `null` if those few have none. */
  largestUpTo(place: Entry): Entry | null {
    const asked: KeyPlan[] = [];
    let largest: Entry | null = null;
    while (largest === null && asked.length < MOST_ASKED) {
      const flow = this.#far.first;
      if (flow === undefined) break;
      largest = flow.tree.largestUpTo(place);
      if (largest !== null) break;
      this.#far.removeAt(0);
      asked.push(flow);
    }
    for (const flow of asked) this.#far.push(flow);
    return largest;
  }

  #move(flow: KeyPlan): void {
    if (flow.farPlace < 0) this.#far.push(flow);
    else if (flow.size > 0) this.#far.moved(flow.farPlace);
    else this.#far.removeAt(flow.farPlace);
  }
}

/** The calls of a class in a plan. Once they are of several keys, these take turns, until none is left. */
export class PlanClass {
  readonly #isFair: boolean;
  /** All calls, as they are due, while they are of one key. */
  #tree = new PlanTree(1);
  #key = "";
  #levels: (LevelKeys | null)[] | null = null;
  size = 0;

  /** @param isFair Whether keys take turns. */
  constructor(isFair: boolean) {
    this.#isFair = isFair;
  }

  /** Whether it has calls of several keys. */
  get isShared(): boolean {
    return this.#levels !== null;
  }

  add(entry: KeyedEntry): void {
    if (this.size++ === 0) this.#key = entry.key;
    if (this.#levels === null && (entry.key === this.#key || !this.#isFair)) {
      this.#tree.add(entry);
      return;
    }
    if (this.#levels === null) this.#share();
    this.#addKeyed(entry);
  }

  #share(): void {
    this.#levels = new Array(LEVELS).fill(null);
    for (const entry of this.#tree.entries()) this.#addKeyed(entry as KeyedEntry);
    this.#tree = new PlanTree(1);
  }

  #addKeyed(entry: KeyedEntry): void {
    (this.#levels![entry.level] ??= new LevelKeys()).add(entry);
  }

  remove(entry: KeyedEntry): void {
    this.size--;
    if (this.#levels === null) return this.#tree.remove(entry);
    this.#levels[entry.level]!.remove(entry);
    if (this.#levels[entry.level]!.turns.size === 0) this.#levels[entry.level] = null;
    if (this.size === 0) this.#levels = null;
  }

  /** The entry whose turn it is in a level that has any. */
  turnIn(level: number): KeyedEntry | null {
    const first = this.#levels === null
      ? this.#tree.first
      : this.#levels[level]?.turns.first?.tree.first ?? null;
    return first as KeyedEntry | null;
  }

  /** The entry that starts first; it is not asked while there is none. */
  get first(): KeyedEntry {
    let level = LEVELS - 1;
    if (this.#levels !== null) { while (this.#levels[level] === null) level--; }
    return this.turnIn(level)!;
  }

  largestUpTo(place: Entry): Entry | null {
    if (this.#levels === null) return this.#tree.largestUpTo(place);
    return this.#levels[place.level]?.largestUpTo(place) ?? null;
  }

  /** Expected time of what its other keys get before a job of a key that comes now, and of its own, in ms. */
  aheadMs(key: string, level: number, allMs: number): number {
    if (this.#levels === null && this.#isFair && key !== this.#key) this.#share();
    if (this.#levels === null) return allMs;
    const turns = this.#levels[level]?.turns;
    const flow = turns?.get(key);
    const ownMs = flow?.waitingMs ?? 0;
    return turns === undefined ? 0 : ownMs + turns.othersMs(flow, ownMs);
  }
}
