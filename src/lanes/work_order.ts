import type { Call } from "../job/call.ts";
import { drawOf } from "../policy/draw.ts";

/** Where a call stands: by key, then by the number of its job, the least first. */
export interface Place {
  readonly key: number;
  readonly id: number;
}

/** A call in the tree. */
class Node implements Place {
  readonly call: Call;
  readonly key: number;
  readonly id: number;
  /** The larger one is above: at random, so that the tree is balanced. */
  readonly rank: number;
  /** Expected time of the call, in ms; `NaN` if unknown. */
  readonly ownMs: number;
  /** The same with all that is below it. */
  sumMs: number;
  left: Node | null = null;
  right: Node | null = null;

  constructor(call: Call, key: number, rank: number) {
    this.call = call;
    this.key = key;
    this.id = call.facts.id;
    this.rank = rank;
    this.sumMs = this.ownMs = call.ticket.expectedMs;
  }
}

/**
 * Calls in order, with the expected time of all before any place: a treap with sums (Seidel and Aragon,
 * "Randomized Search Trees", 1996). Adding, removing and asking are O(log n).
 */
export class WorkOrder {
  #root: Node | null = null;
  /** By the number of the job that leads the call. */
  readonly #nodes = new Map<number, Node>();
  #added = 0;

  get size(): number {
    return this.#nodes.size;
  }

  /** The first call, or the last one. */
  end(side: "left" | "right"): Call | null {
    let node = this.#root;
    for (let next = node; next !== null; next = next[side]) node = next;
    return node === null ? null : node.call;
  }

  /** Adds a call that is not in it. */
  add(call: Call, key: number): void {
    const node = new Node(call, key, drawOf(0, ++this.#added));
    this.#nodes.set(node.id, node);
    const before = cutBefore(this.#root, node);
    this.#root = joined(joined(before, node), cutOff);
  }

  /** Removes a call that is in it. */
  remove(call: Call): void {
    const { id } = call.facts;
    const node = this.#nodes.get(id)!;
    this.#nodes.delete(id);
    this.#root = without(this.#root!, node);
  }

  /** The place of the call that a job leads; `undefined` if it is not in it. */
  placeOf(id: number): Place | undefined {
    return this.#nodes.get(id);
  }

  /** Expected time of the calls before a place, in ms; `NaN` if unknown for any. */
  beforeMs(place: Place): number {
    let ms = 0;
    for (let node = this.#root; node !== null;) {
      const isAhead = isBefore(node, place);
      if (isAhead) ms += node.ownMs + (node.left === null ? 0 : node.left.sumMs);
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
  node.sumMs = node.ownMs + (left === null ? 0 : left.sumMs) + (right === null ? 0 : right.sumMs);
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

/** The tree without a node that is in it. */
function without(tree: Node, node: Node): Node | null {
  if (tree === node) return joined(node.left, node.right);
  if (isBefore(node, tree)) tree.left = without(tree.left!, node);
  else tree.right = without(tree.right!, node);
  return summed(tree);
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
