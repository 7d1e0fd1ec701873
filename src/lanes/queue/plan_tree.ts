import type { Call } from "../../job/call.ts";
import { drawOf } from "../../policy/draw.ts";

/** Where a call stands. */
export interface Place {
  /** Number of its job. */
  readonly id: number;
  /** Higher levels start first. */
  readonly level: number;
  /** In a level, what is due first starts first: when, on the router's clock, in ms. */
  readonly dueMs: number;
}

/** What a plan knows of a waiting call. Times in ms, on the router's clock where they are no durations. */
export interface Entry extends Place {
  readonly call: Call;
  /** From when on it is likely to be late; `Infinity` if it cannot be. */
  readonly latestStartMs: number;
  /** How long it is expected to keep its worker. */
  readonly keepsMs: number;
  /** Variance of that, in ms². */
  readonly variance: number;
}

interface Node {
  readonly entry: Entry;
  /** The larger one is above: at random, so that the tree is balanced. */
  readonly rank: number;
  left: Node | null;
  right: Node | null;
  /** Of all in the subtree: the sum of `keepsMs`, of `variance`, and the number of calls. */
  keepsMs: number;
  variance: number;
  size: number;
  /** The least `latestStartMs`, each less the time that those before it in the subtree need. */
  spareMs: number;
  /** The entry that keeps its worker longest. */
  largest: Entry;
}

/** What comes before a call in a plan. */
export interface Before {
  keepsMs: number;
  variance: number;
}

/**
 * Waiting calls in the order in which they are due: a treap (Seidel and Aragon, "Randomized Search Trees",
 * 1996) that sums up what is before any place, finds the first that would be late, and the largest up to it,
 * each in O(log n).
 */
export class PlanTree {
  #root: Node | null = null;
  readonly #workers: number;
  /** What `#cut` has left over. */
  #rest: Node | null = null;
  readonly #before: Before = { keepsMs: 0, variance: 0 };

  /** @param workers Number of workers that share the work. */
  constructor(workers: number) {
    this.#workers = workers;
  }

  get size(): number {
    return this.#root?.size ?? 0;
  }

  get keepsMs(): number {
    return this.#root?.keepsMs ?? 0;
  }

  get variance(): number {
    return this.#root?.variance ?? 0;
  }

  get first(): Entry | null {
    let node = this.#root;
    while (node !== null && node.left !== null) node = node.left;
    return node?.entry ?? null;
  }

  get last(): Entry | null {
    let node = this.#root;
    while (node !== null && node.right !== null) node = node.right;
    return node?.entry ?? null;
  }

  add(entry: Entry): void {
    const node = this.#sum({
      entry,
      rank: drawOf(0, entry.id),
      left: null,
      right: null,
      keepsMs: 0,
      variance: 0,
      size: 0,
      spareMs: 0,
      largest: entry,
    });
    this.#root = this.#insert(this.#root, node);
  }

  /** Removes an entry that is in it. */
  remove(entry: Entry): void {
    this.#root = this.#without(this.#root, entry);
  }

  /** What comes before a place: one object, overwritten by the next call. */
  before(place: Place): Before {
    let keepsMs = 0;
    let variance = 0;
    for (let node = this.#root; node !== null;) {
      if (isBefore(node.entry, place)) {
        keepsMs += node.entry.keepsMs + (node.left?.keepsMs ?? 0);
        variance += node.entry.variance + (node.left?.variance ?? 0);
        node = node.right;
      } else node = node.left;
    }
    this.#before.keepsMs = keepsMs;
    this.#before.variance = variance;
    return this.#before;
  }

  /**
   * The first entry that would be late; `null` if none.
   *
   * @param startMs When a call would start with so much before it; nondecreasing in both, and no later than
   * `atMostMs` plus the time before it shared by the workers.
   * @param ahead One that is in it: only those before it are looked at, if it went before them.
   */
  firstLate(
    startMs: (keepsMs: number, variance: number) => number,
    atMostMs: (variance: number) => number,
    ahead: Entry | null = null,
  ): Entry | null {
    if (ahead === null) return this.#firstLate(this.#root, 0, 0, startMs, atMostMs);
    if (this.hasTimeFor(ahead, atMostMs)) return null;
    const { keepsMs, variance } = ahead;
    const before = this.#cut(this.#root, ahead);
    const rest = this.#rest;
    const late = this.#firstLate(before, keepsMs, variance, startMs, atMostMs);
    this.#root = this.#join(before, rest);
    return late;
  }

  /** Whether none would be late, wherever one more came; if not, some may be. */
  hasTimeFor({ keepsMs, variance }: Entry, atMostMs: (variance: number) => number): boolean {
    const root = this.#root;
    return root === null ||
      atMostMs(root.variance + variance) + keepsMs / this.#workers <= root.spareMs;
  }

  #firstLate(
    node: Node | null,
    keepsMs: number,
    variance: number,
    startMs: (keepsMs: number, variance: number) => number,
    atMostMs: (variance: number) => number,
  ): Entry | null {
    if (node === null) return null;
    const latestMs = atMostMs(variance + node.variance) + keepsMs / this.#workers;
    if (latestMs <= node.spareMs) return null;
    const early = this.#firstLate(node.left, keepsMs, variance, startMs, atMostMs);
    if (early !== null) return early;
    const { entry, left } = node;
    keepsMs += left?.keepsMs ?? 0;
    variance += left?.variance ?? 0;
    if (startMs(keepsMs, variance) > entry.latestStartMs) return entry;
    return this.#firstLate(
      node.right,
      keepsMs + entry.keepsMs,
      variance + entry.variance,
      startMs,
      atMostMs,
    );
  }

  /**
   * The entry that keeps its worker longest, of those up to a place, in its level; `null` if none. Of equals it
   * is any of them, here and there: if it were the first or the last each time, fewer jobs would be in time
   * where costs say nothing (laboratory, `pareto` and `late`, up to 4 % of the oracle's).
   */
  largestUpTo(place: Entry): Entry | null {
    let best: Entry | null = null;
    for (let node = this.#root; node !== null;) {
      if (isBefore(place, node.entry)) node = node.left;
      else {
        // All to the left are before the place; those of higher levels are first, and are left out.
        for (let tree = node.left; tree !== null;) {
          if (tree.entry.level > place.level) tree = tree.right;
          else {
            best = larger(best, tree.entry);
            if (tree.right !== null) best = larger(best, tree.right.largest);
            tree = tree.left;
          }
        }
        if (node.entry.level === place.level) best = larger(best, node.entry);
        node = node.right;
      }
    }
    return best;
  }

  /** The entries, in order. */
  *entries(): Generator<Entry, void, undefined> {
    const path: Node[] = [];
    for (let node = this.#root; node !== null || path.length > 0;) {
      for (; node !== null; node = node.left) path.push(node);
      const next = path.pop()!;
      yield next.entry;
      node = next.right;
    }
  }

  #sum(node: Node): Node {
    const { entry, left, right } = node;
    const leftMs = left?.keepsMs ?? 0;
    node.keepsMs = leftMs + entry.keepsMs + (right?.keepsMs ?? 0);
    node.variance = (left?.variance ?? 0) + entry.variance + (right?.variance ?? 0);
    node.size = (left?.size ?? 0) + 1 + (right?.size ?? 0);
    let spareMs = entry.latestStartMs - leftMs / this.#workers;
    if (left !== null && left.spareMs < spareMs) spareMs = left.spareMs;
    if (right !== null) {
      spareMs = Math.min(spareMs, right.spareMs - (leftMs + entry.keepsMs) / this.#workers);
    }
    node.spareMs = spareMs;
    let largest = entry;
    if (left !== null) largest = larger(left.largest, largest);
    if (right !== null) largest = larger(largest, right.largest);
    node.largest = largest;
    return node;
  }

  /** A tree with one more. */
  #insert(tree: Node | null, node: Node): Node {
    if (tree === null) return node;
    if (node.rank > tree.rank) {
      node.left = this.#cut(tree, node.entry);
      node.right = this.#rest;
      return this.#sum(node);
    }
    if (isBefore(tree.entry, node.entry)) tree.right = this.#insert(tree.right, node);
    else tree.left = this.#insert(tree.left, node);
    return this.#sum(tree);
  }

  /** A tree without one that is in it. */
  #without(tree: Node | null, entry: Entry): Node | null {
    if (tree === null) return null;
    if (tree.entry === entry) return this.#join(tree.left, tree.right);
    if (isBefore(tree.entry, entry)) tree.right = this.#without(tree.right, entry);
    else tree.left = this.#without(tree.left, entry);
    return this.#sum(tree);
  }

  /** The part of a tree that is before a place; the rest is in `#rest`. */
  #cut(tree: Node | null, place: Entry): Node | null {
    if (tree === null) {
      this.#rest = null;
      return null;
    }
    if (isBefore(tree.entry, place)) {
      tree.right = this.#cut(tree.right, place);
      return this.#sum(tree);
    }
    const before = this.#cut(tree.left, place);
    tree.left = this.#rest;
    this.#rest = this.#sum(tree);
    return before;
  }

  /** One tree of two, of which all of the first is before all of the second. */
  #join(first: Node | null, second: Node | null): Node | null {
    if (first === null) return second;
    if (second === null) return first;
    if (first.rank > second.rank) {
      first.right = this.#join(first.right, second);
      return this.#sum(first);
    }
    second.left = this.#join(first, second.left);
    return this.#sum(second);
  }
}

/** Whether what stands at one place starts before what stands at another. */
export function isBefore(a: Place, b: Place): boolean {
  if (a.level !== b.level) return a.level > b.level;
  return a.dueMs === b.dueMs ? a.id < b.id : a.dueMs < b.dueMs;
}

/** The larger of two. */
function larger(a: Entry | null, b: Entry): Entry {
  return a !== null && a.keepsMs > b.keepsMs ? a : b;
}
