import type { Clock, Timer } from "../../clock.ts";
import type { Admission } from "../../job/admission.ts";
import type { Call } from "../../job/call.ts";
import type { LoadGauges } from "../../policy/load.ts";
import type { Permits, PermitTaker } from "../../semaphore.ts";
import type { Death } from "../../transport/port.ts";
import type { CallQueue } from "../queue.ts";
import { mayWaitInWorker } from "./ahead.ts";
import { Pool, type PoolOptions, type PoolOwner } from "./pool.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Slot } from "./slot.ts";

/** How often calls that were handed to busy workers are looked after, in ms: while one idles, and else. */
const BALANCE_MS = 1;
const LISTEN_MS = 10;

/** One call in 64 is timed as it is sent. */
const SAMPLE_MASK = 63;

/** Whom the dispatcher asks and tells about calls that a worker did not bring to their end. */
export interface DispatchOwner {
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
  /** So many threads are lost for good. */
  lostWorkers(count: number): void;
}

/**
 * Moves calls from the queue to workers, the only one that does: to an idle worker with a permit of the
 * semaphore, which the worker holds until it has no call any more; and short calls ahead of time to busy
 * workers, unless another router waits for a permit.
 */
export class Dispatcher implements PoolOwner, PermitTaker {
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #load: LoadGauges;
  readonly #queue: CallQueue;
  readonly #permits: Permits;
  readonly #quarantine: Quarantine;
  readonly #owner: DispatchOwner;
  readonly pool: Pool;
  #seq = 0;
  /** Calls that wait in a worker. */
  #ahead = 0;
  #isPumping = false;
  #balanceTimer: Timer | null = null;
  #balanceMs = 0;

  constructor(
    admission: Admission,
    load: LoadGauges,
    queue: CallQueue,
    permits: Permits,
    quarantine: Quarantine,
    options: PoolOptions,
    owner: DispatchOwner,
  ) {
    this.#clock = admission.clock;
    this.#admission = admission;
    this.#load = load;
    this.#queue = queue;
    this.#permits = permits;
    this.#quarantine = quarantine;
    this.#owner = owner;
    this.pool = new Pool(admission.clock, options, permits, this);
    permits.join(this);
  }

  /** Takes a call whose jobs have been told that they wait. */
  enqueue(call: Call): void {
    call.forecast(this.#load.model);
    const isHanded = this.#queue.length === 0 && !this.#isPumping && this.#handAtOnce(call);
    if (!isHanded) {
      this.#count(call, 1);
      this.#queue.push(call, this.#load.nowMs);
    }
    if (this.#queue.length > 0) this.#pump(); // the call, or what came while it was handed over
    else this.#lookAfter();
  }

  /** Hands a call that has just come to a worker; tells whether one takes it. */
  #handAtOnce(call: Call): boolean {
    this.#isPumping = true;
    try {
      const slot = this.#slotFor(call);
      if (slot !== null) this.#hand(slot, call);
      return slot !== null;
    } finally {
      this.#isPumping = false;
    }
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
    this.#uncount(call);
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
        // Another router that was given its turn may have led to an abort of the call.
        if (this.#queue.remove(call)) this.#count(call, -1);
        this.#hand(slot, call);
      }
    } finally {
      this.#isPumping = false;
    }
    if (this.#queue.length === 0 || this.pool.idle.length === 0) this.#permits.waive(this);
    this.#lookAfter();
  }

  /** A worker for the call: an idle one, with a permit, or one that the call may wait in. */
  #slotFor(call: Call): Slot | null {
    const { nowMs } = this.#load;
    const { slots } = this.pool;
    const { latest } = slots;
    if (latest !== null && latest.size > 0 && this.#mayWait(call)) {
      if (latest.isQuick(call, nowMs)) return latest;
    }
    if (this.pool.idle.length > 0 && this.#permits.take(this)) {
      this.#load.poolRunning++;
      return slots.latest = this.pool.idle.pop()!;
    }
    return this.#load.poolRunning > 0 && this.#mayWait(call) ? slots.findOpen(call, nowMs) : null;
  }

  #mayWait(call: Call): boolean {
    return mayWaitInWorker(call) && !this.#permits.isWantedByOthers(this);
  }

  #hand(slot: Slot, call: Call): void {
    if (!this.#mayRun(call)) {
      if (slot.size === 0) this.#free(slot);
      return;
    }
    if (slot.size > 0) {
      this.#ahead++;
      this.#count(call, 1);
    }
    this.#send(slot, call);
  }

  #mayRun(call: Call): boolean {
    if (!call.ready(this.#admission)) return false;
    if (!this.#quarantine.isActive || call.ticket.isProbe) return true;
    if (!this.#quarantine.bars(call.kind, this.#load.nowMs)) return true;
    call.drop("kind_quarantined", this.#load.nowMs);
    return false;
  }

  #send(slot: Slot, call: Call): void {
    const { ticket } = call;
    ticket.seq = ++this.#seq;
    if (slot.push(call)) this.#start(slot, call);
    // Whoever heard of its start may have aborted it; so may a getter of its payload.
    if (isAborted(call)) return this.#remove(slot, call);
    try {
      const message = call.message();
      const transfer = call.transfer();
      const startMs = (ticket.seq & SAMPLE_MASK) === 0 ? this.#clock.now() : NaN;
      slot.port.post(message, transfer);
      if (startMs >= 0) this.#load.model.learnPost(call.kind, this.#clock.now() - startMs);
      if (isAborted(call)) slot.port.abort(ticket.seq);
    } catch (error) {
      this.#remove(slot, call);
      this.#uncount(call);
      this.#owner.notSent(call, error);
    }
  }

  /** A call runs from now on. */
  #start(slot: Slot, call: Call): void {
    slot.headSinceMs = this.#load.nowMs;
    this.#uncount(call);
    call.start();
    if (call.ticket.graceEndsAtMs !== null) slot.limit(call);
  }

  /** Takes a call out; the next one of the worker runs, or it is free. */
  #remove(slot: Slot, call: Call): void {
    const wasHead = slot.head === call;
    slot.remove(call);
    if (slot.head === null) this.#free(slot);
    else if (wasHead) this.#start(slot, slot.head);
  }

  /** A worker holds no call any more. */
  #free(slot: Slot): void {
    this.pool.giveBack(slot);
    this.#load.poolRunning--;
    this.#permits.give(this);
  }

  slotReady(slot: Slot): void {
    this.pool.cameUp(slot);
    this.pump(this.#clock.now());
  }

  slotDone(
    slot: Slot,
    call: Call,
    ok: boolean,
    value: unknown,
    runMs: number,
    nowMs: number,
  ): void {
    this.#load.nowMs = nowMs;
    this.#remove(slot, call);
    // One that failed and was aborted may not have begun: it says nothing about the kind.
    if (this.#quarantine.isActive && (ok || !call.isForsaken)) this.#quarantine.survived(call.kind);
    call.finish(ok, value, runMs, nowMs);
    this.pump(nowMs);
  }

  slotDied(slot: Slot, death: Death): void {
    const nowMs = this.#clock.now();
    this.#load.nowMs = nowMs;
    const calls = slot.empty();
    const error = this.pool.bury(slot, death, calls.length === 0);
    if (error === null) return;
    if (calls.length > 0) this.#free(slot);
    if (death.isLost) this.#owner.lostWorkers(this.pool.counts.lost);
    for (const call of calls) {
      if (call.ticket.seq === death.seq || call.isMoved) this.#crashed(call, error, nowMs);
      else this.#orphaned(call, error, nowMs);
    }
    this.pool.checkEmpty();
    if (this.pool.isClosed) return;
    this.pump(nowMs);
    this.pool.staffing.keep();
  }

  slotGivenUp(slot: Slot): void {
    if (slot.empty().length > 0) this.#free(slot);
  }

  #crashed(call: Call, error: Error, nowMs: number): void {
    this.#uncount(call);
    this.#owner.crashed(call, error, nowMs);
  }

  #orphaned(call: Call, error: Error, nowMs: number): void {
    if (this.#owner.waitsAgain(call)) return this.#putBack(call);
    this.#uncount(call);
    this.#owner.givenUp(call, error, nowMs);
  }

  startFailed(error: Error): void {
    this.#owner.startFailed(error);
  }

  permitFreed(): void {
    this.pump(this.#clock.now());
  }

  /** Another router waits: what has not begun gives way, so that a permit is free after each call. */
  permitWanted(): void {
    for (const call of this.pool.slots.waiting()) {
      if (call.ticket.holder!.revoke(call)) this.#putBack(call);
    }
  }

  permitsChanged(): void {
    this.pool.trim();
    this.pool.staffing.keep();
    this.pump(this.#clock.now());
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
    this.pool.close(() => {
      this.#permits.leave(this);
      done();
    });
  }

  /** Cares for what still waits: by further workers, and by looking after busy ones. */
  #lookAfter(): void {
    const waiting = this.#queue.length + this.#ahead;
    if (waiting === 0) return;
    if (this.pool.staffing.canGrow) this.pool.staffing.grow(waiting);
    if (this.#ahead > 0) this.#balanceWithin(this.pool.idle.length > 0 ? BALANCE_MS : LISTEN_MS);
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
    const { slots } = this.pool;
    slots.poll();
    const nowMs = this.#clock.now();
    if (this.pool.idle.length > 0) {
      for (const call of slots.heldUp(nowMs)) {
        if (call.ticket.holder!.revoke(call)) this.#putBack(call);
      }
    }
    this.pump(nowMs);
  };

  /** A call that waited in a worker does not wait there any more. */
  #uncount(call: Call): void {
    if (!call.ticket.isCounted) return;
    this.#ahead--;
    this.#count(call, -1);
  }

  /** Keeps the sums of what waits for the pool; without drift, as they start anew when nothing does. */
  #count(call: Call, sign: 1 | -1): void {
    const { ticket, size } = call;
    ticket.isCounted = sign === 1;
    if (sign === 1) { for (const job of call.jobs) this.#admission.watch(job); }
    this.#load.countPool(sign * size, sign, ticket.expectedMs);
  }
}

/** Whether its caller has aborted a call that a worker has been handed. */
function isAborted(call: Call): boolean {
  return call.ticket.graceEndsAtMs !== null && call.isForsaken;
}
