import type { Call } from "../job/call.ts";
import type { CallQueue } from "./queue/call_queue.ts";

/** Calls of kinds that are at their learned limits, each kind in a queue like the one that they came from. */
export class HeldCalls {
  readonly #kinds = new Map<number, CallQueue>();
  readonly #createQueue: () => CallQueue;

  constructor(createQueue: () => CallQueue) {
    this.#createQueue = createQueue;
  }

  /** Adds a call that was in a queue before: it keeps its place in the order. */
  add(call: Call): void {
    const { index } = call.kind;
    let queue = this.#kinds.get(index);
    if (queue === undefined) this.#kinds.set(index, queue = this.#createQueue());
    if (call.ticket.order === undefined) queue.push(call, call.ticket.queuedAtMs!);
    else queue.putBack(call); // a policy has given it its number
    call.ticket.heldIn = queue;
  }

  /** Removes a call; returns whether it was there. */
  remove(call: Call): boolean {
    const { index } = call.kind;
    const queue = this.#kinds.get(index);
    if (queue === undefined || call.ticket.heldIn !== queue) return false;
    queue.remove(call);
    call.ticket.heldIn = null;
    if (queue.length === 0) this.#kinds.delete(index);
    return true;
  }

  /** The first call of each kind of which one may begin. */
  *ready(mayBegin: (kind: number) => boolean): Generator<Call, void, undefined> {
    for (const [kind, queue] of this.#kinds) if (mayBegin(kind)) yield queue.first!;
  }

  /** The first call of a kind; `null` if there is none. */
  firstOf(kind: number): Call | null {
    return this.#kinds.get(kind)?.first ?? null;
  }

  /** Number of calls of a kind. */
  sizeOf(kind: number): number {
    return this.#kinds.get(kind)?.length ?? 0;
  }

  all(): Call[] {
    return [...this.#kinds.values()].flatMap((queue) => queue.all());
  }
}
