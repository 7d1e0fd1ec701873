import type { Clock, Timer } from "../../clock.ts";
import type { Death, PortFactory, WorkerCall } from "../../transport/port.ts";
import type { Call } from "../../job/call.ts";
import { IdleSlots } from "./idle_slots.ts";
import type { PoolOwner } from "./pool_owner.ts";
import type { Slot, SlotLimits } from "./slot.ts";
import { Slots } from "./slots.ts";
import { Staffing } from "./staffing.ts";
import type { WorkerCounts } from "../../worker_counts.ts";

/** Options of the pool. */
export interface PoolOptions extends SlotLimits {
  /** Makes a worker. */
  readonly createPort: PortFactory;
  /** Workers at most. */
  readonly maxWorkers: number;
  /** Workers that are kept even when idle. */
  readonly minWorkers: number;
  /** Time after which an idle worker ends, in ms. */
  readonly idleTimeoutMs: number;
  /** Time a worker may take to start, in ms. */
  readonly startTimeoutMs: number;
  /** Time all workers may take to end, in ms. */
  readonly closeLimitMs: number;
}

/** One call in 64 is timed as it is sent. */
const SAMPLE_MASK = 63;

/**
 * The workers, as long as they live: hands them calls, tells what becomes of these, terminates those
 * that idle. How many there are is up to the {@linkcode Staffing}.
 */
export class Pool {
  readonly #clock: Clock;
  readonly #options: PoolOptions;
  readonly #owner: PoolOwner;
  readonly slots: Slots = new Slots();
  readonly staffing: Staffing;
  readonly #idle: IdleSlots;
  #seq = 0;
  readonly #counts = { crashed: 0, recycled: 0, lost: 0 };
  #closeTimer: Timer | null = null;
  #isClosed = false;
  #onEmpty: (() => void) | null = null;

  constructor(clock: Clock, options: PoolOptions, owner: PoolOwner) {
    this.#clock = clock;
    this.#options = options;
    this.#owner = owner;
    this.#idle = new IdleSlots(
      clock,
      options.idleTimeoutMs,
      () => this.slots.countStaying() - options.minWorkers,
    );
    this.staffing = new Staffing(clock, options, this.slots, this, owner);
  }

  get counts(): WorkerCounts {
    const { starting, started } = this.staffing;
    const [idle, busy] = [this.#idle.size, this.slots.countBusy()];
    return { starting, idle, busy, started, ...this.#counts };
  }

  get hasIdle(): boolean {
    return this.#idle.size > 0;
  }

  takeIdle(): Slot {
    return this.slots.latest = this.#idle.pop();
  }

  giveBack(slot: Slot): void {
    if (slot.state === "leaving" || slot.isGone) return;
    if (slot.isSpent) {
      this.#counts.recycled++;
      return slot.terminate();
    }
    this.#idle.push(slot);
  }

  run(slot: Slot, call: Call): void {
    const { kind, isBatch } = call;
    call.ticket.seq = ++this.#seq;
    if (slot.push(call)) this.#start(slot, call);
    // Whoever heard of its start may have aborted it; so may a getter of its payload.
    if (call.isForsaken) return this.#remove(slot, call);
    try {
      const traces = call.traces();
      const message: WorkerCall = traces === undefined
        ? { seq: call.ticket.seq, kind: kind.name, isBatch, payload: call.payload() }
        : { seq: call.ticket.seq, kind: kind.name, isBatch, payload: call.payload(), traces };
      const transfer = call.transfer();
      const startMs = (call.ticket.seq & SAMPLE_MASK) === 0 ? this.#clock.now() : NaN;
      slot.port.post(message, transfer);
      if (startMs >= 0) kind.learnPost(this.#clock.now() - startMs);
      if (call.isForsaken) slot.port.abort(call.ticket.seq);
    } catch (error) {
      this.#remove(slot, call);
      this.#owner.notSent(call, error);
    }
  }

  /** Takes back a call from its worker; tells whether it had not begun. */
  revoke(call: Call): boolean {
    const { slot } = call.ticket;
    if (slot === null || slot.head === call || !slot.port.revoke(call.ticket.seq)) return false;
    slot.remove(call);
    return true;
  }

  /** Tells a call that has begun to stop; its worker is terminated if it has not after `graceMs`. */
  abort(slot: Slot, call: Call, graceMs: number): void {
    slot.port.abort(call.ticket.seq);
    call.ticket.graceEndsAtMs = Math.min(
      call.ticket.graceEndsAtMs ?? Infinity,
      this.#clock.now() + graceMs,
    );
    if (slot.head === call) slot.limit(call, this.#clock);
  }

  /** Terminates all workers; `done` is called when they are gone. */
  close(done: () => void): void {
    this.#isClosed = true;
    this.#onEmpty = done;
    this.staffing.close();
    this.#idle.clear();
    for (const slot of [...this.slots.all]) slot.terminate();
    this.#closeTimer = this.#clock.setTimer(
      this.#options.closeLimitMs,
      (pool) => pool.giveUp(),
      this,
    );
    this.#checkEmpty();
  }

  /** The slot's worker is ready. */
  slotReady(slot: Slot): void {
    this.staffing.cameUp();
    this.#owner.heard();
    this.giveBack(slot);
    this.staffing.areIdle(this.#idle.size);
    this.#owner.pump();
  }

  /** Results have come. */
  slotHeard(): void {
    this.#owner.heard();
  }

  /** The slot's first call has ended. */
  slotDone(slot: Slot, call: Call, ok: boolean, value: unknown, runMs: number): void {
    this.#remove(slot, call);
    this.#owner.done(call, ok, value, runMs);
    this.#owner.pump();
  }

  /** The slot's worker is gone. */
  slotDied(slot: Slot, death: Death): void {
    this.#owner.heard();
    const error = slot.reason ?? death.error;
    const wasAsked = slot.state === "leaving" && slot.reason === null;
    if (!this.slots.remove(slot)) return; // it has been given up
    this.#idle.remove(slot);
    slot.state = "leaving";
    const calls = slot.held();
    for (const call of calls) slot.remove(call);
    if (calls.length > 0) this.#owner.freed();
    if (!wasAsked) this.#counts.crashed++;
    if (!slot.wasReady) this.staffing.failed(error);
    else if (!wasAsked) this.staffing.crashed(calls.length === 0);
    if (death.isLost) this.#owner.lostWorker(++this.#counts.lost);
    for (const call of calls) {
      if (call.ticket.seq === death.seq || call.isMoved) this.#owner.crashed(call, error);
      else this.#owner.orphaned(call, error);
    }
    this.#checkEmpty();
    if (this.#isClosed) return;
    this.#owner.pump();
    this.staffing.keep();
  }

  /** Takes a call out; the next one of the worker runs, or it is free. */
  #remove(slot: Slot, call: Call): void {
    const wasHead = slot.head === call;
    slot.remove(call);
    if (slot.head === null) {
      this.#owner.freed();
      this.giveBack(slot);
    } else if (wasHead) this.#start(slot, slot.head);
  }

  #start(slot: Slot, call: Call): void {
    slot.headSinceMs = this.#owner.nowMs;
    this.#owner.started(call);
    slot.limit(call, this.#clock);
  }

  #checkEmpty(): void {
    if (!this.#isClosed || this.slots.size > 0) return;
    this.#closeTimer?.cancel();
    const done = this.#onEmpty;
    this.#onEmpty = null;
    done?.();
  }

  /** Workers that have not ended by now are not waited for. */
  giveUp(): void {
    this.#counts.lost += this.slots.size;
    this.slots.all.length = 0;
    this.#checkEmpty();
  }
}
