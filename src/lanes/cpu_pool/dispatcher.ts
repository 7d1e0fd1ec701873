import type { Clock, Timer } from "../../clock.ts";
import { WorkerCrashedError } from "../../errors.ts";
import type { Admission } from "../../job/admission.ts";
import type { Call } from "../../job/call.ts";
import type { LoadGauges, Outlook } from "../../policy/load.ts";
import type { JobFacts, KindFacts } from "../../policy/policy.ts";
import type { Permits, PermitTaker } from "../../semaphore.ts";
import type { Death } from "../../transport/port.ts";
import { withCompany } from "../company.ts";
import { outlookOf } from "../queue/outlook.ts";
import type { Places, PlaceTaker } from "../places.ts";
import type { CallQueue } from "../queue/call_queue.ts";
import { mayWaitInWorker } from "./ahead.ts";
import { Pool, type PoolOptions, type PoolOwner } from "./pool.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Slot } from "./slot.ts";

/**
 * How often calls handed to busy workers are checked, in ms: while one idles, which they may move to
 * (`cpu_pool_balance_test.ts`), and otherwise, for results that are there. With a second instead of 10 ms,
 * 430,000 instead of 553,000 tiny jobs a second, 256 in flight on 2 workers (Node 20, 2 cores).
 */
const BALANCE_MS = 1;
const LISTEN_MS = 10;

/**
 * How long submits go on in one turn before calls are sent, and results read, though it has not ended, in ms.
 * Without, 33 instead of 9 ms for 5,000 tiny jobs at once of a kind that is known, 94 instead of 80 for 200 of
 * 0.5 ms (Node 20, 2 cores).
 */
const EXCHANGE_MS = 1;

/**
 * How long before its end, in ms, a worker is given its next call, on top of what the router's thread is late.
 * With an end that is heard of first, 96 instead of 100 % of an oracle's work, jobs of 10 ms at four times the
 * capacity (laboratory, `exp50`).
 */
const ENDING_MS = 1;

/**
 * Runs until which those that wait are asked whether they belong on this thread. Later ones are there for what else
 * it has to do: 0.84 instead of 1.00 of an oracle's jobs in budget if they are asked (laboratory, `slower` at 4).
 */
const YOUNG = 64;

/** The posting of one call in 64 is timed. That of each would cost the router's thread 11 % more. */
const SAMPLE_MASK = 63;

/** What has turned out to belong on this thread at a cost, and those that wait, once they are asked. */
interface Told {
  readonly cost: number;
  /** Those of the kind that cost no more, as they are due: drawn up once, as there may be thousands. */
  calls: readonly Call[] | null;
  asked: number;
}

/** The owner of a dispatcher: decides about calls that a worker did not complete. */
export interface DispatchOwner {
  /** Whether a call is to run on this thread instead, and when; `mustWait` tells that no worker takes it now. */
  takesHere(call: Call, mustWait: boolean): "now" | "next_turn" | "no";
  /** Runs such a call, once it has left the queue. */
  moveHere(call: Call): void;
  /** A worker died while it ran a call. */
  crashed(call: Call, error: Error, nowMs: number): void;
  /** A worker died with a call that has run, or whose objects were moved: it cannot run again. */
  failed(call: Call, error: Error): void;
  /** A worker died before it began a call that it held. Returns whether the call waits again. */
  waitsAgain(call: Call): boolean;
  /** A call is given up: it does not wait again. */
  givenUp(call: Call, error: Error, nowMs: number): void;
  /** A call could not be sent: its payload cannot be cloned. */
  notSent(call: Call, error: unknown): void;
  /** No worker can be started for now: calls that wait will not run. */
  startFailed(error: Error): void;
  /** Another number of threads is lost now: one more, or one less. */
  lostWorkers(count: number): void;
}

/**
 * Moves calls from the queue to workers; nothing else does. A call goes to an idle worker once a
 * permit of the semaphore is acquired, which is released when the worker has no call left; a short
 * call goes to a busy worker ahead of time, unless another router waits for a permit.
 */
export class Dispatcher implements PoolOwner, PermitTaker, PlaceTaker {
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #load: LoadGauges;
  readonly #queue: CallQueue;
  readonly #permits: Permits;
  readonly #places: Places;
  readonly #quarantine: Quarantine;
  readonly #owner: DispatchOwner;
  declare readonly pool: Pool;
  #seq = 0;
  /** Number of calls that wait in workers. */
  #ahead = 0;
  #isPumping = false;
  #isPumpPosted = false;
  /** Kinds of which a call has ended that would be run here now, until those that wait have been asked. */
  readonly #told = new Map<KindFacts, Told>();
  #balanceTimer: Timer | null = null;
  #balanceMs = 0;

  constructor(
    admission: Admission,
    load: LoadGauges,
    queue: CallQueue,
    permits: Permits,
    places: Places,
    quarantine: Quarantine,
    options: PoolOptions,
    owner: DispatchOwner,
  ) {
    this.#clock = admission.clock;
    this.#admission = admission;
    this.#load = load;
    this.#queue = queue;
    this.#permits = permits;
    this.#places = places;
    this.#quarantine = quarantine;
    this.#owner = owner;
    this.pool = new Pool(admission.clock, options, permits, load, this);
    permits.join(this);
  }

  /** Enqueues a call; its jobs are in the state `waiting` already. */
  enqueue(call: Call): void {
    if (this.#places.areUsed === true && call.kind.isLimited && !this.#places.take(call, this)) {
      this.#load.poolWaiting += call.size;
      return;
    }
    call.forecast(this.#load);
    const isHanded = this.#queue.length === 0 && this.#isPumping === false &&
      this.#handAtOnce(call);
    if (!isHanded) {
      this.#count(call, 1);
      this.#queue.push(call, this.#load.nowMs);
    }
    const { length } = this.#queue;
    // The call, or what came meanwhile; a burst of a new kind would look in vain, and waits for the next exchange.
    if (length > 0 && (call.ticket.expectedMs >= 0 || this.pool.idle.length > 0)) this.#pump();
    else this.#lookAfter(length);
  }

  placed(call: Call): void {
    this.#load.poolWaiting -= call.size;
    call.forecast(this.#load);
    this.#count(call, 1);
    this.#queue.putBack(call);
    this.#pumpSoon();
  }

  /** Expected run time of the waiting calls that start before a job, in ms; `NaN` if unknown for any. */
  aheadMs(job: JobFacts): number {
    let ms = this.#queue.aheadMs(job, this.#load.nowMs);
    if (this.#ahead > 0) {
      for (const { ticket } of this.pool.slots.waiting()) ms += ticket.expectedMs;
    }
    return ms;
  }

  /** When each worker is expected to be free, in ms from now, ascending. */
  freeInMs(): readonly number[] {
    return this.pool.slots.freeInMs(this.#load);
  }

  outlook(job: JobFacts): Outlook {
    const outlook = this.#queue.outlook?.(job) ??
      outlookOf(this.#load, "cpu_pool", job, this.aheadMs(job));
    if (!this.#places.areUsed) return outlook;
    const waitMs = this.#places.waitMs(job);
    if (!(waitMs > outlook.waitMs)) return outlook;
    return { waitMs, place: this.#places.isTooLate(job) ? "late" : outlook.place };
  }

  /** The job that starts last of those that are queued. */
  get last(): JobFacts | undefined {
    return this.#queue.last?.facts;
  }

  /** Hands a new call to a worker at once; returns whether one takes it. */
  #handAtOnce(call: Call): boolean {
    this.#isPumping = true;
    try {
      const slot = this.#slotFor(call);
      if (slot !== null) {
        this.#hand(slot, call.ticket.gathers === true ? this.#withCompany(call) : call);
      }
      return slot !== null;
    } finally {
      this.#isPumping = false;
    }
  }

  /** Requeues a call that was revoked from a worker, or whose worker died before it began. */
  #putBack(call: Call): void {
    if (call.ticket.isCounted) this.#ahead--;
    else this.#count(call, 1);
    for (const job of call.jobs) job.trace?.waits();
    this.#queue.putBack(call);
  }

  /**
   * Revokes a call that has not begun, and frees its place.
   *
   * @returns Whether it was revoked; `false` if it has begun.
   */
  revoke(call: Call): boolean {
    if (this.#places.isHeld(call)) this.#load.poolWaiting -= call.size;
    else if (this.#queue.remove(call)) this.#count(call, -1);
    else if (call.ticket.holder?.revoke(call) === true) this.#uncount(call);
    else return false;
    this.#places.leave(call);
    return true;
  }

  /** A job has left a queued call; if it was the last one, the call is removed, too. */
  shrank(call: Call): void {
    this.#load.poolWaiting--;
    if (call.size === 0) this.revoke(call);
  }

  /**
   * Sends the calls of this turn, and reads the results that have arrived: a long burst of submits would else
   * keep the workers waiting.
   */
  exchange(): void {
    this.#load.exchangeAtMs = this.#load.nowMs + EXCHANGE_MS;
    if (this.#load.poolRunning === 0) return;
    this.pool.slots.exchange();
    this.pump(this.#clock.now());
  }

  pump(nowMs: number): void {
    this.#load.nowMs = nowMs;
    this.#pump();
  }

  /** Hands out as many calls as workers take; requests more workers if needed. */
  #pump(): void {
    // Settling a job may submit another one: the loop that is already running picks it up.
    if (this.#isPumping) return;
    if (this.#queue.length > 0) this.#handOut();
    if (this.#queue.length === 0 || this.pool.idle.length === 0) this.#permits.waive(this);
    this.#lookAfter(this.#queue.length);
  }

  #handOut(): void {
    this.#isPumping = true;
    try {
      for (let call = this.#queue.first; call !== null; call = this.#queue.first) {
        const here = this.#owner.takesHere(call, false);
        if (here === "next_turn") {
          this.#pumpSoon();
          break;
        }
        if (here === "now") {
          this.#moveHere(call);
          continue;
        }
        const isNews = this.#forecastAgain(call);
        const slot = this.#slotFor(call);
        if (slot === null) {
          if (isNews) this.#queueAgain(call);
          this.#runHere();
          break;
        }
        // Taking the permit may have run callbacks of another router, which aborted the call.
        if (this.#queue.remove(call)) this.#count(call, -1);
        // One that is given up is to be dropped, and leads no batch.
        const isJoined = call.ticket.gathers && !call.ticket.isShed;
        this.#hand(slot, isJoined ? this.#withCompany(call) : call);
      }
    } finally {
      this.#isPumping = false;
    }
  }

  /** Runs calls here that need no worker, as it has turned out, and would wait for those that do. */
  #runHere(): void {
    for (const [kind, told] of this.#told) {
      const calls = told.calls ??= this.#queue.waitingOf?.(kind, told.cost) ?? [];
      while (told.asked < calls.length) {
        const call = calls[told.asked];
        if (!call.ticket.isQueued) { // it has begun meanwhile, or was taken out
          told.asked++;
          continue;
        }
        const here = this.#owner.takesHere(call, true);
        if (here === "next_turn") return this.#pumpSoon();
        if (here === "no") break;
        told.asked++;
        this.#moveHere(call);
      }
      this.#told.delete(kind);
    }
  }

  /** It runs at once; others may have to wait for the next turn, as this one is used up. */
  #moveHere(call: Call): void {
    this.#queue.remove(call);
    this.#count(call, -1);
    this.#owner.moveHere(call);
    this.#pumpSoon();
  }

  #pumpSoon(): void {
    if (this.#isPumpPosted) return;
    this.#isPumpPosted = true;
    this.#clock.post((late) => late.pumpLater(), this);
  }

  /** The next turn has begun. */
  pumpLater(): void {
    this.#isPumpPosted = false;
    if (!this.pool.isClosed) this.pump(this.#clock.now());
  }

  /**
   * More may be known of its run time than when it was enqueued: a burst of a new kind would else be
   * handed out one by one to its end. Returns whether there is news.
   */
  #forecastAgain(call: Call): boolean {
    const { ticket } = call;
    const beforeMs = ticket.expectedMs;
    call.forecast(this.#load);
    if (!ticket.isCounted || Object.is(ticket.expectedMs, beforeMs)) return false;
    this.#load.countPool(0, -1, beforeMs);
    this.#load.countPool(0, 1, ticket.expectedMs);
    return true;
  }

  /** The queue weighs the calls in it. */
  #queueAgain(call: Call): void {
    if (this.#queue.remove(call)) this.#queue.putBack(call);
  }

  /** Finds a worker for the call: an idle one, with a permit, or one that the call may wait in. */
  #slotFor(call: Call): Slot | null {
    const { nowMs } = this.#load;
    const { slots, idle } = this.pool;
    const { latest } = slots;
    const mayWait = latest !== null && latest.size > 0 && mayWaitInWorker(call);
    let isWanted = this.#permits.isWantedByOthers(this);
    if (mayWait && !isWanted && latest.isQuick(call, nowMs)) return latest;
    if (idle.length > 0) {
      if (this.#permits.take(this)) {
        const slot = idle.pop();
        if (slot !== undefined) {
          this.#load.poolRunning++;
          return slots.latest = slot;
        }
        this.#permits.give(this); // taking it has run callbacks, which may have trimmed the pool
      }
      isWanted = this.#permits.isWantedByOthers(this);
    }
    if (isWanted || this.#load.poolRunning === 0) return null;
    if (mayWait || mayWaitInWorker(call)) return slots.findOpen(call, nowMs);
    return call.isRevocable && !call.ticket.gathers
      ? slots.findEnding(this.#load, this.#endingMs())
      : null;
  }

  /** A worker that ends so soon is given its next call: the router's thread may be late to hear of it. */
  #endingMs(): number {
    return ENDING_MS + this.#load.loopLagMeanMs;
  }

  /** What waits for company has it now, or runs alone. */
  #withCompany(call: Call): Call {
    const queue = this.#queue;
    const freeInMs = this.freeInMs(); // the first is that of the worker which is to have it
    const all = withCompany(call, this.#load, {
      threads: freeInMs.length,
      nextFreeMs: freeInMs.length > 1 ? freeInMs[1] : Infinity,
      length: () => queue.length,
      mateOf: (mate, untilMs) => queue.mateOf(mate, untilMs),
      take: (mate) => {
        queue.remove(mate);
        this.#count(mate, -1);
      },
    });
    all.forecast(this.#load);
    return all;
  }

  #hand(slot: Slot, call: Call): void {
    if (!this.#mayRun(call)) {
      this.#places.leave(call);
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
    if (this.#quarantine.isActive === false || call.ticket.isTrial) return true;
    if (!this.#quarantine.bars(call.kind, this.#load.nowMs)) return true;
    call.drop("kind_quarantined", this.#load.nowMs);
    return false;
  }

  #send(slot: Slot, call: Call): void {
    const { ticket } = call;
    this.#queue.started?.(call);
    ticket.seq = ++this.#seq;
    if (slot.push(call)) {
      this.#start(slot, call);
      if (isAborted(call)) { // by a callback on its start
        this.#remove(slot, call);
        return this.#places.leave(call);
      }
    }
    try {
      const message = call.message();
      const transfer = call.transfer();
      const startMs = (ticket.seq & SAMPLE_MASK) === 0 ? this.#clock.now() : NaN;
      slot.port.post(message, transfer);
      if (startMs >= 0) this.#load.model.learnPost(call.kind, this.#clock.now() - startMs);
      if (isAborted(call)) slot.port.abort(ticket.seq); // by a getter in its payload
    } catch (error) {
      this.#remove(slot, call);
      this.#uncount(call);
      this.#places.leave(call);
      this.#owner.notSent(call, error);
    }
  }

  /** A call starts to run. */
  #start(slot: Slot, call: Call): void {
    slot.begin(call.kind, this.#load.nowMs);
    this.#uncount(call);
    call.start();
    if (call.ticket.graceEndsAtMs !== null) slot.limit(call);
  }

  /** Removes a call from its worker; the worker's next call runs, or the worker is free. */
  #remove(slot: Slot, call: Call): void {
    const wasHead = slot.head === call;
    slot.remove(call);
    if (slot.head === null) this.#free(slot);
    else if (wasHead) this.#start(slot, slot.head);
  }

  /** A worker has no call left: releases its permit. */
  #free(slot: Slot): void {
    this.pool.giveBack(slot);
    this.#load.poolRunning--;
    this.#permits.give(this);
  }

  get isWaiting(): boolean {
    return this.#queue.length > 0;
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
    busyMs: number,
    nowMs: number,
  ): void {
    this.#load.nowMs = nowMs;
    this.#load.exchangeAtMs = nowMs + EXCHANGE_MS;
    this.#remove(slot, call);
    const { ticket } = call;
    if (ticket.place !== null) this.#places.leave(call);
    if (ticket.flow !== null) this.#queue.ran?.(call, runMs);
    // An aborted call that failed may never have begun: it says nothing about the kind.
    if (this.#quarantine.isActive === true && (ok || !call.isForsaken)) {
      this.#quarantine.survived(call.kind);
    }
    call.finish(ok, value, runMs, busyMs, nowMs);
    if (this.#queue.length > 0 && ok && this.#load.model.isNew(call.kind, YOUNG)) this.#hear(call);
    // Else nothing has changed for those that wait: none does, and no worker is free.
    if (this.#queue.length > 0 || slot.head === null) this.pump(nowMs);
  }

  /** A call of a young kind has ended: those like it may belong on this thread. */
  #hear(call: Call): void {
    const { kind, computeCost: cost } = call.facts;
    if (this.#told.has(kind) || this.#owner.takesHere(call, true) === "no") return;
    this.#told.set(kind, { cost, calls: null, asked: 0 });
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
      const { seq } = call.ticket;
      if (seq === death.seq) this.#crashed(call, error, nowMs);
      else if (death.untold?.includes(seq) === true) this.#untold(call, error, nowMs);
      else if (call.isMoved) this.#failed(call, error);
      else this.#orphaned(call, error, nowMs);
    }
    this.pool.checkEmpty();
    if (this.pool.isClosed) return;
    this.pump(nowMs);
    this.pool.restaff();
  }

  slotReturned(slot: Slot): void {
    if (!this.pool.giveBackThread(slot)) return;
    this.#load.nowMs = this.#clock.now();
    this.#owner.lostWorkers(this.pool.counts.lost);
    if (this.pool.isClosed) return;
    this.pump(this.#load.nowMs);
    this.pool.restaff();
  }

  slotGivenUp(slot: Slot): void {
    const calls = slot.empty();
    for (const call of calls) this.#places.leave(call);
    if (calls.length > 0) this.#free(slot);
  }

  #crashed(call: Call, error: Error, nowMs: number): void {
    this.#uncount(call);
    this.#places.leave(call);
    this.#owner.crashed(call, error, nowMs);
  }

  /** Its result was lost: it runs again only if it may. */
  #untold(call: Call, cause: Error, nowMs: number): void {
    if (call.kind.idempotent && !call.isMoved) return this.#orphaned(call, cause, nowMs);
    const message = "Worker died before it had sent the result of a job that had ended";
    this.#failed(call, new WorkerCrashedError(message, undefined, { cause }));
  }

  #failed(call: Call, error: Error): void {
    this.#uncount(call);
    this.#places.leave(call);
    this.#owner.failed(call, error);
  }

  #orphaned(call: Call, error: Error, nowMs: number): void {
    if (this.#owner.waitsAgain(call)) return this.#putBack(call);
    this.#uncount(call);
    this.#places.leave(call);
    this.#owner.givenUp(call, error, nowMs);
  }

  startFailed(error: Error): void {
    this.#owner.startFailed(error);
  }

  permitFreed(): void {
    this.pump(this.#clock.now());
  }

  /** Another router waits: revokes what has not begun, so that each call's end frees a permit. */
  permitWanted(): void {
    for (const call of this.pool.slots.waiting()) {
      if (call.ticket.holder!.revoke(call)) this.#putBack(call);
    }
  }

  permitsChanged(): void {
    this.pool.trim();
    this.pool.restaff();
    this.pool.staffing.areIdle(this.pool.idle.length);
    this.pump(this.#clock.now());
  }

  /** Empties the queue, and takes those that wait for a place; yields the calls. */
  *takeQueued(): Iterable<Call> {
    do {
      for (let call = this.#queue.first; call !== null; call = this.#queue.first) {
        this.revoke(call);
        yield call;
      }
      for (const call of this.#places.heldFor(this)) if (this.revoke(call)) yield call;
    } while (this.#queue.length > 0);
  }

  /** All calls, queued or held by a worker. */
  held(): Call[] {
    return [...this.#queue.all(), ...this.pool.slots.held(), ...this.#places.heldFor(this)];
  }

  /** Terminates all workers; `done` is called when they are gone. */
  close(done: () => void): void {
    this.#balanceTimer?.cancel();
    this.#balanceTimer = null;
    this.#permits.waive(this);
    this.pool.close(() => {
      this.#permits.leave(this);
      done();
    });
  }

  /** Handles calls that still wait, `queued` of them in the queue: starts workers, and has busy ones checked. */
  #lookAfter(queued: number): void {
    const waiting = queued + this.#ahead;
    if (waiting === 0) return;
    if (this.pool.staffing.canGrow) this.pool.staffing.grow(waiting);
    if (this.#ahead > 0) this.#balanceWithin(this.pool.idle.length > 0 ? BALANCE_MS : LISTEN_MS);
    if (queued === 0 || this.#load.poolRunning === 0) return;
    const ms = this.pool.slots.endsInMs(this.#load) - this.#endingMs();
    if (ms > 0 && ms < LISTEN_MS) this.#balanceWithin(Math.max(BALANCE_MS, ms));
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
   * Reads results that have arrived, as a worker does not signal them while it is on a call
   * expected to be short. While another worker idles, revokes what waits behind a call that runs
   * longer than expected.
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

  /** A call no longer waits in its worker. */
  #uncount(call: Call): void {
    if (call.ticket.isCounted === false) return;
    this.#ahead--;
    this.#count(call, -1);
  }

  /** Counts a call as waiting for the pool (1), or as no longer waiting (-1). */
  #count(call: Call, sign: 1 | -1): void {
    const { ticket, size } = call;
    ticket.isCounted = sign === 1;
    if (sign === 1) call.watch(this.#admission);
    this.#load.countPool(sign * size, sign, ticket.expectedMs);
  }
}

/** Whether a call was aborted by its caller after it was handed to a worker. */
function isAborted(call: Call): boolean {
  return call.ticket.graceEndsAtMs !== null && call.isForsaken;
}
