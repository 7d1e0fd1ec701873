import type { Pool } from "./pool.ts";
import type { Slot, SlotLimits } from "./slot.ts";

/** Limits that every worker has reached: it is handed no call ahead of time. */
const REACHED: SlotLimits = { maxCallsPerWorker: 0, maxHeapBytes: Infinity };

/**
 * Replaces the workers that are there, one at a time: whichever has no call left leaves, and the next one may
 * once a new one is ready. Until its turn a worker goes on. If no new one can be started, the others stay.
 */
export class Recycling {
  readonly #pool: Pool;
  readonly #limits: SlotLimits;
  readonly #old = new Set<Slot>();
  #whenDone: ((error: Error | null) => void)[] = [];

  constructor(pool: Pool, limits: SlotLimits) {
    this.#pool = pool;
    this.#limits = limits;
  }

  /** `done` is called once the workers of now are gone, and as many are there, or with why not. */
  start(done: (error: Error | null) => void): void {
    const { slots, staffing } = this.#pool;
    if (this.#pool.isClosed) return done(null);
    for (const slot of slots.all) {
      this.#old.add(slot);
      slot.limits = REACHED;
      slot.isSpent = true;
    }
    staffing.floor = Math.max(staffing.floor, slots.countStaying());
    staffing.keepAhead();
    this.#whenDone.push(done);
    this.goOn();
  }

  /** Whether a worker that has reached its limits is to leave now that it has no call. */
  lets(slot: Slot): boolean {
    return !this.#old.has(slot) || this.#pool.staffing.isComplete;
  }

  /** A worker is gone. */
  left(slot: Slot): void {
    this.#old.delete(slot);
  }

  /** A worker has come or gone: the next one may leave, or all are replaced. */
  goOn(): void {
    const { idle, staffing } = this.#pool;
    if (this.#whenDone.length === 0 || !staffing.isComplete) return;
    if (this.#old.size === 0) return this.end(null);
    const place = idle.findIndex((slot) => this.#old.has(slot));
    if (place >= 0) this.#pool.giveBack(idle.splice(place, 1)[0]);
  }

  /** Those that are left stay. */
  end(error: Error | null): void {
    for (const slot of this.#old) {
      slot.limits = this.#limits;
      slot.isSpent = false;
    }
    this.#old.clear();
    this.#pool.staffing.floor = 0;
    this.#pool.armIdleTimer();
    for (const done of this.#whenDone.splice(0)) done(error);
  }
}
