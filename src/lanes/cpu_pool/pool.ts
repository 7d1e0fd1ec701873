import type { Clock, Timer } from "../../clock.ts";
import type { Call } from "../../job/call.ts";
import type { RunTimeModel } from "../../model/model.ts";
import type { Death, PortFactory, WorkerCall } from "../../transport/port.ts";
import type { WorkerCounts } from "../../worker_counts.ts";
import { IdleSlots } from "./idle_slots.ts";
import { Slot, type SlotLimits, type SlotOwner } from "./slot.ts";
import { Slots } from "./slots.ts";
import { Staffing, type StaffingOptions, type StaffingOwner } from "./staffing.ts";

/** Options of the pool. */
export interface PoolOptions extends SlotLimits, StaffingOptions {
  /** Makes a worker. */
  readonly createPort: PortFactory;
  /** Time after which an idle worker ends, in ms. */
  readonly idleTimeoutMs: number;
  /** Time all workers may take to end, in ms. */
  readonly closeLimitMs: number;
}

/** Whom the pool tells what happens to calls and workers. */
export interface PoolOwner extends StaffingOwner {
  /** A call has begun to run. */
  started(call: Call, nowMs: number): void;
  /** A worker holds no call any more. */
  freed(): void;
  /** A call has ended by itself, and left its worker. */
  done(call: Call, ok: boolean, value: unknown, runMs: number, nowMs: number): void;
  /** A worker died under a call. */
  crashed(call: Call, error: Error, nowMs: number): void;
  /** A worker died before a call that it held was begun. */
  orphaned(call: Call, error: Error, nowMs: number): void;
  /** A call could not be sent: its payload cannot be cloned. */
  notSent(call: Call, error: unknown): void;
  /** A thread was lost for good. */
  lostWorker(count: number): void;
}

/** One call in 64 is timed as it is sent. */
const SAMPLE_MASK = 63;

/**
 * The workers, as long as they live: hands them calls, tells what becomes of these, terminates those
 * that idle. How many there are is up to the {@linkcode Staffing}.
 */
export class Pool implements SlotOwner {
  readonly #clock: Clock;
  readonly #model: RunTimeModel;
  readonly #options: PoolOptions;
  readonly #owner: PoolOwner;
  readonly slots: Slots = new Slots();
  readonly idle: IdleSlots;
  readonly staffing: Staffing;
  #seq = 0;
  readonly #counts = { crashed: 0, recycled: 0, lost: 0 };
  #closeTimer: Timer | null = null;
  #isClosed = false;
  #onEmpty: (() => void) | null = null;

  constructor(clock: Clock, model: RunTimeModel, options: PoolOptions, owner: PoolOwner) {
    this.#clock = clock;
    this.#model = model;
    this.#options = options;
    this.#owner = owner;
    this.idle = new IdleSlots(
      clock,
      options.idleTimeoutMs,
      () => this.slots.countStaying() - options.minWorkers,
    );
    const createSlot = (): Slot => new Slot(options.createPort(), this, clock, options);
    this.staffing = new Staffing(clock, options, this.slots, createSlot, owner);
  }

  get counts(): WorkerCounts {
    const { starting, started } = this.staffing;
    const [idle, busy] = [this.idle.size, this.slots.countBusy()];
    return { starting, idle, busy, started, ...this.#counts };
  }

  /** A worker has nothing to do: it idles, or is replaced if it has done enough. */
  giveBack(slot: Slot): void {
    if (slot.state === "leaving" || slot.port.room === 0) return; // it ends, or has ended
    if (slot.isSpent) {
      this.#counts.recycled++;
      return slot.terminate();
    }
    this.idle.push(slot);
  }

  /** Hands a call to a worker; it runs now, or after those that the worker holds. */
  run(slot: Slot, call: Call, nowMs: number): void {
    const { kind, isBatch } = call;
    call.ticket.seq = ++this.#seq;
    if (slot.push(call)) this.#start(slot, call, nowMs);
    // Whoever heard of its start may have aborted it; so may a getter of its payload.
    if (call.isForsaken) return this.#remove(slot, call, nowMs);
    try {
      const traces = call.traces();
      const message: WorkerCall = traces === undefined
        ? { seq: call.ticket.seq, kind: kind.name, isBatch, payload: call.payload() }
        : { seq: call.ticket.seq, kind: kind.name, isBatch, payload: call.payload(), traces };
      const transfer = call.transfer();
      const startMs = (call.ticket.seq & SAMPLE_MASK) === 0 ? this.#clock.now() : NaN;
      slot.port.post(message, transfer);
      if (startMs >= 0) this.#model.learnPost(kind, this.#clock.now() - startMs);
      if (call.isForsaken) slot.port.abort(call.ticket.seq);
    } catch (error) {
      this.#remove(slot, call, nowMs);
      this.#owner.notSent(call, error);
    }
  }

  /** Terminates all workers; `done` is called when they are gone. */
  close(done: () => void): void {
    this.#isClosed = true;
    this.#onEmpty = done;
    this.staffing.close();
    this.idle.clear();
    for (const slot of [...this.slots.all]) slot.terminate();
    this.#closeTimer = this.#clock.setTimer(
      this.#options.closeLimitMs,
      (pool) => pool.giveUp(),
      this as Pool,
    );
    this.#checkEmpty();
  }

  slotReady(slot: Slot): void {
    this.staffing.cameUp();
    this.giveBack(slot);
    this.staffing.areIdle(this.idle.size);
    this.#owner.pump(this.#clock.now());
  }

  slotDone(
    slot: Slot,
    call: Call,
    ok: boolean,
    value: unknown,
    runMs: number,
    nowMs: number,
  ): void {
    this.#remove(slot, call, nowMs);
    this.#owner.done(call, ok, value, runMs, nowMs);
    this.#owner.pump(nowMs);
  }

  slotDied(slot: Slot, death: Death): void {
    const nowMs = this.#clock.now();
    const error = slot.reason ?? death.error;
    const wasAsked = slot.state === "leaving" && slot.reason === null;
    if (!this.slots.remove(slot)) return; // it has been given up
    this.idle.remove(slot);
    slot.state = "leaving";
    const calls = slot.held();
    for (const call of calls) slot.remove(call);
    if (calls.length > 0) this.#owner.freed();
    if (!wasAsked) this.#counts.crashed++;
    if (!slot.wasReady) this.staffing.failed(error);
    else if (!wasAsked) this.staffing.crashed(calls.length === 0);
    if (death.isLost) this.#owner.lostWorker(++this.#counts.lost);
    for (const call of calls) {
      if (call.ticket.seq === death.seq || call.isMoved) this.#owner.crashed(call, error, nowMs);
      else this.#owner.orphaned(call, error, nowMs);
    }
    this.#checkEmpty();
    if (this.#isClosed) return;
    this.#owner.pump(nowMs);
    this.staffing.keep();
  }

  /** Takes a call out; the next one of the worker runs, or it is free. */
  #remove(slot: Slot, call: Call, nowMs: number): void {
    const wasHead = slot.head === call;
    slot.remove(call);
    if (slot.head === null) {
      this.#owner.freed();
      this.giveBack(slot);
    } else if (wasHead) this.#start(slot, slot.head, nowMs);
  }

  #start(slot: Slot, call: Call, nowMs: number): void {
    slot.headSinceMs = nowMs;
    this.#owner.started(call, nowMs);
    slot.limit(call);
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
