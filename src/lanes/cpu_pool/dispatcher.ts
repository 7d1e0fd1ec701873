import type { Clock, Timer } from "../../clock.ts";
import type { Admission } from "../../job/admission.ts";
import type { Call } from "../../job/call.ts";
import type { LoadGauges } from "../../policy/load.ts";
import type { CallQueue } from "../queue.ts";
import { mayWaitInWorker } from "./ahead.ts";
import { Pool, type PoolOptions, type PoolOwner } from "./pool.ts";
import type { Slot } from "./slot.ts";

/** How often calls that were handed to busy workers are looked after, in ms: while one idles, and else. */
const BALANCE_MS = 1;
const LISTEN_MS = 10;

/** What the dispatcher asks and tells about the calls that go through it. */
export interface DispatchOwner {
  /** Whether the kind of a call is kept off workers now. */
  bars(call: Call): boolean;
  /** A call has ended by itself. */
  done(call: Call, ok: boolean, value: unknown, runMs: number, nowMs: number): void;
  /** A worker died under a call. */
  crashed(call: Call, error: Error, nowMs: number): void;
  /** A worker died before a call that it held was begun: whether the call waits again. */
  waitsAgain(call: Call): boolean;
  /** A call does not wait again. */
  givenUp(call: Call, error: Error, nowMs: number): void;
  /** A call could not be sent: its payload cannot be cloned. */
  notSent(call: Call, error: unknown): void;
  /** No worker can be started for a while: what waits will not run. */
  startFailed(error: Error): void;
  /** A thread was lost for good. */
  lostWorker(count: number): void;
}

/**
 * Moves calls from the queue to workers: to idle ones, and short calls ahead of time to busy ones. The
 * only one that does, so that no more calls run at a time than there are workers.
 */
export class Dispatcher implements PoolOwner {
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #load: LoadGauges;
  readonly #queue: CallQueue;
  readonly #owner: DispatchOwner;
  readonly pool: Pool;
  /** Calls that wait in a worker. */
  #ahead = 0;
  #isPumping = false;
  #balanceTimer: Timer | null = null;
  #balanceMs = 0;

  constructor(
    admission: Admission,
    load: LoadGauges,
    queue: CallQueue,
    options: PoolOptions,
    owner: DispatchOwner,
  ) {
    this.#clock = admission.clock;
    this.#admission = admission;
    this.#load = load;
    this.#queue = queue;
    this.#owner = owner;
    this.pool = new Pool(admission.clock, load.model, options, this);
  }

  /** Takes a call whose jobs have been told that they wait. */
  enqueue(call: Call): void {
    call.forecast(this.#load.model);
    if (this.#queue.length === 0 && !this.#isPumping) {
      const slot = this.#slotFor(call);
      if (slot !== null) return this.#handOver(slot, call);
    }
    this.#count(call, 1);
    this.#queue.push(call, this.#load.nowMs);
    this.#pump();
  }

  /** Hands a call that has just come to a worker. */
  #handOver(slot: Slot, call: Call): void {
    this.#isPumping = true;
    try {
      this.#hand(slot, call);
    } finally {
      this.#isPumping = false;
    }
    if (this.#queue.length > 0) this.#pump(); // what came meanwhile
    else this.#lookAfter();
  }

  /** Takes a call that was revoked from a worker, or whose worker died before it began. */
  #putBack(call: Call): void {
    if (call.ticket.isCounted) this.#ahead--;
    else this.#count(call, 1);
    for (const job of call.jobs) job.trace?.waits();
    this.#queue.putBack(call);
  }

  /**
   * Takes back a call that has not begun, and frees its place.
   *
   * @returns Whether it had not begun.
   */
  revoke(call: Call): boolean {
    if (this.#queue.remove(call)) {
      this.#count(call, -1);
      return true;
    }
    if (call.ticket.holder?.revoke(call) !== true) return false;
    this.#forget(call);
    return true;
  }

  /** A job has left a call in the queue; if it was the last one, the call leaves, too. */
  shrank(call: Call): void {
    this.#load.poolWaiting--;
    if (call.size === 0) this.revoke(call);
  }

  pump(nowMs: number): void {
    this.#load.nowMs = nowMs;
    this.#pump();
  }

  /** Hands out as many calls as workers take; asks for workers if need be. */
  #pump(): void {
    // A settled job may bring the next submit: the loop that is running takes it along.
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (let call = this.#queue.first; call !== null; call = this.#queue.first) {
        const slot = this.#slotFor(call);
        if (slot === null) break;
        this.#queue.remove(call);
        this.#count(call, -1);
        this.#hand(slot, call);
      }
    } finally {
      this.#isPumping = false;
    }
    this.#lookAfter();
  }

  /** A worker for the call: an idle one, or one that it may wait in. */
  #slotFor(call: Call): Slot | null {
    const { nowMs } = this.#load;
    const { slots, idle } = this.pool;
    const mayWait = mayWaitInWorker(call);
    const quick = mayWait ? slots.findQuick(call, nowMs) : null;
    if (quick !== null) return quick;
    if (idle.size > 0) return slots.latest = idle.pop();
    return mayWait ? slots.findOpen(call, nowMs) : null;
  }

  #hand(slot: Slot, call: Call): void {
    if (!this.#mayRun(call)) {
      if (slot.head === null) this.pool.giveBack(slot);
      return;
    }
    if (slot.head === null) this.#load.poolRunning++;
    else {
      this.#ahead++;
      this.#count(call, 1);
    }
    this.pool.run(slot, call, this.#load.nowMs);
  }

  #mayRun(call: Call): boolean {
    if (!call.ready(this.#admission)) return false;
    if (call.ticket.isProbe || !this.#owner.bars(call)) return true;
    call.drop("kind_quarantined", this.#load.nowMs);
    return false;
  }

  /** Cares for what still waits: by further workers, and by looking after busy ones. */
  #lookAfter(): void {
    const waiting = this.#queue.length + this.#ahead;
    if (waiting === 0) return;
    if (this.pool.staffing.canGrow) this.pool.staffing.grow(waiting);
    if (this.#ahead > 0) this.#balanceWithin(this.pool.idle.size > 0 ? BALANCE_MS : LISTEN_MS);
  }

  started(call: Call, nowMs: number): void {
    this.#load.nowMs = nowMs;
    this.#forget(call);
    call.start();
  }

  freed(): void {
    this.#load.poolRunning--;
  }

  done(call: Call, ok: boolean, value: unknown, runMs: number, nowMs: number): void {
    this.#load.nowMs = nowMs;
    this.#owner.done(call, ok, value, runMs, nowMs);
  }

  crashed(call: Call, error: Error, nowMs: number): void {
    this.#load.nowMs = nowMs;
    this.#forget(call);
    this.#owner.crashed(call, error, nowMs);
  }

  orphaned(call: Call, error: Error, nowMs: number): void {
    this.#load.nowMs = nowMs;
    if (this.#owner.waitsAgain(call)) return this.#putBack(call);
    this.#forget(call);
    this.#owner.givenUp(call, error, nowMs);
  }

  notSent(call: Call, error: unknown): void {
    this.#forget(call);
    this.#owner.notSent(call, error);
  }

  startFailed(error: Error): void {
    this.#owner.startFailed(error);
  }

  lostWorker(count: number): void {
    this.#owner.lostWorker(count);
  }

  /** A call that waited in a worker does not wait there any more. */
  #forget(call: Call): void {
    if (!call.ticket.isCounted) return;
    this.#ahead--;
    this.#count(call, -1);
  }

  /** Empties the queue. */
  *drain(): Iterable<Call> {
    for (let call = this.#queue.first; call !== null; call = this.#queue.first) {
      this.#queue.remove(call);
      this.#count(call, -1);
      yield call;
    }
  }

  /** All calls that wait or are with a worker. */
  held(): Call[] {
    return [...this.#queue.all(), ...this.pool.slots.held()];
  }

  /** Terminates all workers; `done` is called when they are gone. */
  close(done: () => void): void {
    this.#balanceTimer?.cancel();
    this.#balanceTimer = null;
    this.pool.close(done);
  }

  #balanceWithin(ms: number): void {
    if (this.#balanceTimer !== null) {
      if (ms >= this.#balanceMs) return;
      this.#balanceTimer.cancel();
    }
    this.#balanceMs = ms;
    this.#balanceTimer = this.#clock.setTimer(ms, this.#balance, undefined);
    this.#balanceTimer.unref?.();
  }

  /**
   * Reads the results that have arrived, as a worker does not tell of them while it is on a call that
   * was thought to be short; revokes what waits behind a call that runs longer than expected, while a
   * worker idles.
   */
  readonly #balance = (): void => {
    this.#balanceTimer = null;
    const { slots, idle } = this.pool;
    slots.poll();
    const nowMs = this.#clock.now();
    if (idle.size > 0) {
      for (const call of slots.heldUp(nowMs)) {
        if (call.ticket.holder!.revoke(call)) this.#putBack(call);
      }
    }
    this.pump(nowMs);
  };

  /** Keeps the sums of what waits; without drift, as they start anew whenever nothing does. */
  #count(call: Call, sign: 1 | -1): void {
    const load = this.#load;
    call.ticket.isCounted = sign === 1;
    load.poolWaiting += sign * call.size;
    if (call.ticket.expectedMs >= 0) load.knownWorkMs += sign * call.ticket.expectedMs;
    else load.unknownCalls += sign;
    if (load.poolWaiting === 0) load.knownWorkMs = 0;
  }
}
