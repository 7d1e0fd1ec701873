import type { Clock, Timer } from "../../clock.ts";
import type { LoadGauges } from "../../policy/load.ts";
import type { Call } from "../../job/call.ts";
import type { Pool } from "./pool.ts";
import type { Quarantine } from "./quarantine.ts";
import type { CallQueue } from "../queue.ts";
import type { Slot } from "./slot.ts";

/** How often calls that were handed to busy workers are looked after, in ms: while one idles, and else. */
const BALANCE_MS = 1;
const LISTEN_MS = 10;

/**
 * Moves calls from the queue to workers: to idle ones, and short calls ahead of time to busy ones. The
 * only one that does, so that no more calls run at a time than there are workers.
 */
export class Dispatcher {
  readonly #clock: Clock;
  readonly #load: LoadGauges;
  readonly #queue: CallQueue;
  readonly #pool: Pool;
  readonly #quarantine: Quarantine;
  /** Calls that wait in a worker. */
  #ahead = 0;
  #isPumping = false;
  #balanceTimer: Timer | null = null;
  #balanceMs = 0;

  constructor(
    clock: Clock,
    load: LoadGauges,
    queue: CallQueue,
    pool: Pool,
    quarantine: Quarantine,
  ) {
    this.#clock = clock;
    this.#load = load;
    this.#queue = queue;
    this.#pool = pool;
    this.#quarantine = quarantine;
  }

  /** Takes a call whose jobs have been told that they wait. */
  enqueue(call: Call): void {
    call.forecast();
    if (this.#queue.length === 0 && !this.#isPumping && this.#hand(call)) return;
    this.#count(call, 1);
    this.#queue.push(call, this.#load.nowMs);
    this.pump();
  }

  /** Hands a call that has just come to a worker, if one takes it; tells whether it has. */
  #hand(call: Call): boolean {
    const slot = this.#slotFor(call);
    if (slot === null) return false;
    this.#isPumping = true;
    this.#handTo(slot, call);
    this.#isPumping = false;
    if (this.#queue.length > 0) this.pump(); // what came meanwhile
    else this.#lookAfter();
    return true;
  }

  /** Takes a call that was revoked from a worker, or whose worker died before it began. */
  putBack(call: Call): void {
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
    if (!this.#pool.revoke(call)) return false;
    this.forget(call);
    return true;
  }

  /** Hands out as many calls as workers take; asks for workers if need be. */
  pump(): void {
    // A settled job may bring the next submit: the loop that is running takes it along.
    if (this.#isPumping) return;
    this.#isPumping = true;
    for (let call = this.#queue.first; call !== null; call = this.#queue.first) {
      const slot = this.#slotFor(call);
      if (slot === null) break;
      this.#queue.remove(call);
      this.#count(call, -1);
      this.#handTo(slot, call);
    }
    this.#isPumping = false;
    this.#lookAfter();
  }

  #handTo(slot: Slot, call: Call): void {
    if (this.#mayRun(call)) this.#run(slot, call);
    else if (slot.head === null) this.#pool.giveBack(slot);
  }

  /** Cares for what still waits: by further workers, and by looking after busy ones. */
  #lookAfter(): void {
    const waiting = this.#queue.length + this.#ahead;
    if (waiting === 0) return;
    if (this.#pool.staffing.canGrow) this.#pool.staffing.grow(waiting);
    if (this.#ahead > 0) this.#balanceWithin(this.#pool.hasIdle ? BALANCE_MS : LISTEN_MS);
  }

  /** A call runs from now on. */
  started(call: Call): void {
    this.forget(call);
    call.start();
  }

  /** A call that waited in a worker does not wait there any more. */
  forget(call: Call): void {
    if (!call.ticket.isCounted) return;
    this.#ahead--;
    this.#count(call, -1);
  }

  /** A worker has no call any more. */
  freed(): void {
    this.#load.poolRunning--;
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
    return [...this.#queue.all(), ...this.#pool.slots.held()];
  }

  /** Stops the timer. */
  close(): void {
    this.#balanceTimer?.cancel();
    this.#balanceTimer = null;
  }

  /** A worker for the call: an idle one, or one that it may wait in. */
  #slotFor(call: Call): Slot | null {
    const { nowMs } = this.#load;
    const quick = call.mayWaitInWorker ? this.#pool.slots.findQuick(call, nowMs) : null;
    if (quick !== null) return quick;
    if (this.#pool.hasIdle) return this.#pool.takeIdle();
    return call.mayWaitInWorker ? this.#pool.slots.findOpen(call, nowMs) : null;
  }

  #mayRun(call: Call): boolean {
    if (!call.ready(this.#clock)) return false;
    if (call.ticket.isProbe || !this.#quarantine.bars(call.kind, this.#load.nowMs)) return true;
    call.drop("kind_quarantined", this.#load.nowMs);
    return false;
  }

  #run(slot: Slot, call: Call): void {
    if (slot.head === null) this.#load.poolRunning++;
    else {
      this.#ahead++;
      this.#count(call, 1);
    }
    this.#pool.run(slot, call);
  }

  #balanceWithin(ms: number): void {
    if (this.#balanceTimer !== null) {
      if (ms >= this.#balanceMs) return;
      this.#balanceTimer.cancel();
    }
    this.#balanceMs = ms;
    this.#balanceTimer = this.#clock.setTimer(ms, (dispatcher) => dispatcher.balance(), this);
    this.#balanceTimer.unref?.();
  }

  /**
   * Hears of what is done, as a worker does not tell of it while it is on a call that was thought to be
   * short; revokes what waits behind a call that runs longer than expected, while a worker idles.
   */
  balance(): void {
    this.#balanceTimer = null;
    this.#pool.slots.poll();
    this.#load.nowMs = this.#clock.now();
    if (this.#pool.hasIdle) {
      for (const call of this.#pool.slots.heldUp(this.#load.nowMs)) {
        if (this.#pool.revoke(call)) this.putBack(call);
      }
    }
    this.pump();
  }

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
