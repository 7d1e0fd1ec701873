import type { Call } from "../job/call.ts";
import { WorkOrder } from "./queue/work_order.ts";

/** Calls of kinds that are at their limits, each kind in the order of the queue that they came from. */
export class HeldCalls {
  readonly #kinds = new Map<number, WorkOrder>();

  /** Adds a call, with its place in the order: the least number is the first. */
  add(call: Call, key: number): void {
    const { index } = call.kind;
    let order = this.#kinds.get(index);
    if (order === undefined) this.#kinds.set(index, order = new WorkOrder());
    order.add(call, key);
    call.ticket.isQueued = true;
  }

  /** Removes a call; returns whether it was there. */
  remove(call: Call): boolean {
    const { index } = call.kind;
    const order = this.#kinds.get(index);
    if (order === undefined || !order.has(call)) return false;
    order.remove(call);
    call.ticket.isQueued = false;
    if (order.size === 0) this.#kinds.delete(index);
    return true;
  }

  /** The first call of each kind of which one may begin. */
  *ready(mayBegin: (kind: number) => boolean): Generator<Call, void, undefined> {
    for (const [kind, order] of this.#kinds) if (mayBegin(kind)) yield order.end("left")!;
  }

  /** The first call of a kind; `null` if there is none. */
  firstOf(kind: number): Call | null {
    return this.#kinds.get(kind)?.end("left") ?? null;
  }

  /** Number of calls of a kind. */
  sizeOf(kind: number): number {
    return this.#kinds.get(kind)?.size ?? 0;
  }

  all(): Call[] {
    return [...this.#kinds.values()].flatMap((order) => order.all());
  }
}
