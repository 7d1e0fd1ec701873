import type { Call } from "../../job/call.ts";
import type { JobFacts } from "../../policy/policy.ts";
import type { KeyedQueue } from "./call_queue.ts";
import { WorkOrder } from "./work_order.ts";

/** A policy's own order, the least number first, ties by arrival. All operations are O(log n). */
export class OrderedQueue implements KeyedQueue {
  readonly #order = new WorkOrder();
  readonly #orderOf: (job: JobFacts) => number;

  constructor(orderOf: (job: JobFacts) => number) {
    this.#orderOf = orderOf;
  }

  get length(): number {
    return this.#order.size;
  }

  push(call: Call, nowMs: number): void {
    call.ticket.queuedAtMs = nowMs;
    call.ticket.order = this.#orderOf(call.facts);
    this.#add(call);
  }

  putBack(call: Call): void {
    // A call that was handed out at once has no number yet.
    call.ticket.order ??= this.#orderOf(call.facts);
    this.#add(call);
  }

  get first(): Call | null {
    return this.#order.end("left");
  }

  get last(): Call | null {
    return this.#order.end("right");
  }

  /** The next one, whatever it is: the order is the policy's. */
  mateOf(): Call | null {
    return this.first;
  }

  aheadMs(job: JobFacts): number {
    return this.#order.aheadMs(job.id, this.#orderOf(job));
  }

  keyOf({ ticket: { order } }: Call): number {
    return order!;
  }

  remove(call: Call): boolean {
    if (!call.ticket.isQueued) return false;
    call.ticket.isQueued = false;
    this.#order.remove(call);
    return true;
  }

  all(): Call[] {
    return this.#order.all();
  }

  #add(call: Call): void {
    call.ticket.isQueued = true;
    this.#order.add(call, this.keyOf(call));
  }
}
