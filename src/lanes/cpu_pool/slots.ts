import type { Call } from "../../job/call.ts";
import type { LoadGauges } from "../../policy/load.ts";
import type { Slot } from "./slot.ts";

/** The workers of a pool, and which of them takes a call ahead of time. */
export class Slots {
  readonly all: Slot[] = [];
  /** The worker that was taken from the idle ones last. */
  latest: Slot | null = null;
  /** Index from which the round-robin search for an open worker continues. */
  #turn = 0;
  readonly #free: number[] = [];

  get size(): number {
    return this.all.length;
  }

  /** Removes one; returns whether it was there. */
  remove(slot: Slot): boolean {
    const place = this.all.indexOf(slot);
    if (place === -1) return false;
    this.all.splice(place, 1);
    if (this.latest === slot) this.latest = null;
    return true;
  }

  /** Number of workers that hold a call. */
  countBusy(): number {
    let busy = 0;
    for (const slot of this.all) if (slot.head !== null) busy++;
    return busy;
  }

  /** Number of workers that are not being terminated. */
  countStaying(): number {
    let staying = 0;
    for (const slot of this.all) if (slot.state !== "leaving") staying++;
    return staying;
  }

  /** When each worker that runs calls is expected to be free, in ms from now, ascending, the others now. */
  freeInMs({ model, nowMs, cpuParallelism }: LoadGauges): readonly number[] {
    const free = this.#free;
    free.length = 0;
    for (const slot of this.all) if (slot.size > 0) free.push(slot.freeInMs(model, nowMs));
    while (free.length < cpuParallelism) free.push(0);
    return free.length < 2 ? free : free.sort(ascending);
  }

  /** A busy worker that takes one more call, in round-robin order. */
  findOpen(call: Call, nowMs: number): Slot | null {
    const slots = this.all;
    for (let i = 0; i < slots.length; i++) {
      if (++this.#turn >= slots.length) this.#turn = 0;
      const slot = slots[this.#turn];
      if (slot.isOpenTo(call, nowMs)) return slot;
    }
    return null;
  }

  /** A worker that holds one call, which is expected to end within so many ms. */
  findEnding({ model, nowMs }: LoadGauges, withinMs: number): Slot | null {
    let best: Slot | null = null;
    let bestMs = withinMs;
    for (const slot of this.all) {
      if (slot.size !== 1 || !slot.takesAnother) continue;
      const ms = slot.endsInMs(model, nowMs);
      if (ms >= bestMs) continue;
      best = slot;
      bestMs = ms;
    }
    return best;
  }

  /** When the first worker that holds one call is expected to end it, in ms from now. */
  endsInMs({ model, nowMs }: LoadGauges): number {
    let least = Infinity;
    for (const slot of this.all) {
      if (slot.size === 1) least = Math.min(least, slot.endsInMs(model, nowMs));
    }
    return least;
  }

  /** If each worker is on a call that takes longer than expected: how long the last of these has run, in ms; else 0. */
  stuckMs(nowMs: number): number {
    let leastMs = Infinity;
    for (const { head, headSinceMs } of this.all) {
      const ms = nowMs - headSinceMs;
      if (head === null || ms <= head.ticket.expectedMs) return 0;
      leastMs = Math.min(leastMs, ms);
    }
    return leastMs < Infinity ? leastMs : 0;
  }

  /** Calls that wait in workers, the last first within each. */
  waiting(): Call[] {
    return this.all.flatMap((slot) => slot.waiting());
  }

  /** All calls that workers hold. */
  held(): Call[] {
    return this.all.flatMap((slot) => slot.held());
  }

  /** Reads the results that have arrived. */
  poll(): void {
    for (const slot of [...this.all]) if (slot.size > 1) slot.poll();
  }

  /** Sends the calls of this turn, and reads the results that have arrived. */
  exchange(): void {
    for (const slot of [...this.all]) if (slot.size > 0) slot.port.poll();
  }

  /** Calls that wait in workers behind one that takes longer than expected, the last first. */
  heldUp(nowMs: number): Call[] {
    return this.all.flatMap((slot) => slot.isLate(nowMs) ? slot.waiting() : []);
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}
