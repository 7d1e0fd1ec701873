import type { Call } from "../../job/call.ts";
import { drawOf } from "../../policy/draw.ts";

/** Where a call stands: by key, then by the number of its job, the least first. */
export interface Place {
  readonly key: number;
  readonly id: number;
}

/** A call in the tree. */
interface Node extends Place {
  readonly call: Call;
  /** The larger one is above: at random, so that the tree is balanced. */
  readonly rank: number;
  /** Expected time of the call, in ms; `NaN` if unknown. */
  readonly ownMs: number;
  /** The same with all that is below it. */
  sumMs: number;
  left: Node | null;
  right: Node | null;
}

/**
 * Calls in order, with the expected time of all before any place: a treap with sums (Seidel and Aragon,
 * "Randomized Search Trees", 1996). Adding, removing and asking are O(log n).
 */
export class WorkOrder {
  #root: Node | null = null;
  /** By the number of the job that leads the call. */
  readonly #nodes = new Map<number, Node>();

  get size(): number {
    return this.#nodes.size;
  }

  /** The first call, or the last one. */
  end(side: "left" | "right"): Call | null {
    let node = this.#root;
    for (let next = node; next !== null; next = next[side]) node = next;
    return node?.call ?? null;
  }

  /** Whether a call that a job leads is in it. */
  hasJob(id: number): boolean {
    return this.#nodes.has(id);
  }

  /** Adds a call that is not in it. */
  add(call: Call, key: number): void {
    const { facts: { id }, ticket: { expectedMs: ownMs } } = call;
    const rank = drawOf(0, id);
    const node: Node = { call, key, id, rank, ownMs, sumMs: ownMs, left: null, right: null };
    this.#nodes.set(id, node);
    const before = cutBefore(this.#root, node);
    this.#root = joined(joined(before, node), cutOff);
  }

  /** Removes a call that is in it. */
  remove(call: Call): void {
    const { id } = call.facts;
    const { key } = this.#nodes.get(id)!;
    this.#nodes.delete(id);
    const before = cutBefore(this.#root, { key, id });
    cutBefore(cutOff, { key, id: id + 0.5 }); // only it is before that
    this.#root = joined(before, cutOff);
  }

  /**
   * Expected time of the calls before that of job number `id`, in ms; if it is not in it, before one that
   * comes now, by its key. `NaN` if unknown for any.
   */
  aheadMs(id: number, key: number): number {
    const place = this.#nodes.get(id) ?? { key, id: Infinity };
    let ms = 0;
    for (let node = this.#root; node !== null;) {
      const isAhead = isBefore(node, place);
      if (isAhead) ms += node.ownMs + (node.left?.sumMs ?? 0);
      node = isAhead ? node.right : node.left;
    }
    return ms;
  }

  /** The calls, in no particular order. */
  all(): Call[] {
    return [...this.#nodes.values()].map(({ call }) => call);
  }
}

function isBefore(a: Place, b: Place): boolean {
  return a.key === b.key ? a.id < b.id : a.key < b.key;
}

/** Sums up what is below a node. */
function summed(node: Node): Node {
  const { left, right } = node;
  node.sumMs = node.ownMs + (left?.sumMs ?? 0) + (right?.sumMs ?? 0);
  return node;
}

/** What {@linkcode cutBefore} has left over. */
let cutOff: Node | null = null;

/** The part of a tree that is before a place; the rest is `cutOff`. */
function cutBefore(tree: Node | null, place: Place): Node | null {
  if (tree === null) {
    cutOff = null;
    return null;
  }
  if (isBefore(tree, place)) {
    tree.right = cutBefore(tree.right, place);
    return summed(tree);
  }
  const before = cutBefore(tree.left, place);
  tree.left = cutOff;
  cutOff = summed(tree);
  return before;
}

/** One tree of two, of which all of the first is before all of the second. */
function joined(first: Node | null, second: Node | null): Node | null {
  if (first === null) return second;
  if (second === null) return first;
  if (first.rank > second.rank) {
    first.right = joined(first.right, second);
    return summed(first);
  }
  second.left = joined(first, second.left);
  return summed(second);
}
