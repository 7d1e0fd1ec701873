import { type Clock, MAX_TIMER_MS, type Timer } from "../../clock.ts";
import type { Call } from "../../job/call.ts";
import type { CallHolder, Ticket } from "../../job/ticket.ts";
import type { RunTimeModel } from "../../model/model.ts";
import type { LoadGauges } from "../../policy/load.ts";
import type { KindFacts } from "../../policy/policy.ts";
import type { Death, PortOwner, WorkerPort } from "../../transport/port.ts";
import { AHEAD_MS, FOLLOW_MS } from "./ahead.ts";

/**
 * Approximate cost of waking a worker, in ms: a call that waits less joins one that is awake. Without,
 * 167,000 instead of 285,000 tiny jobs a second, 4 in flight on 2 workers (Node 20, 2 cores).
 */
const WAKE_MS = 0.1;

/** Time within which a woken worker should have begun, in ms; later, another one is sooner. */
const WAKING_MS = 1;

/**
 * Approximate cost of a call to the router, in ms: shorter calls keep no second worker busy. Without this
 * and `WAKING_MS`, 15 % fewer records a second, 256 in flight on 2 workers (Node 20, 2 cores).
 */
const ROUTER_MS = 0.005;

/**
 * A call that exceeds its expected run time by this, in ms, holds up those behind it. Without, these
 * wait until it has ended, beside an idle worker (`cpu_pool_balance_test.ts`).
 */
const LATE_MS = 0.2;

/** When a worker is replaced. */
export interface SlotLimits {
  /** Calls after which it is replaced. */
  readonly maxCallsPerWorker: number;
  /** Heap in use above which it is replaced, in bytes. */
  readonly maxHeapBytes: number;
}

/** The counts of workers in the load. */
export type WorkerGauges = Pick<LoadGauges, "workersStarting" | "workersReady">;

/** Receives the events of a slot. */
export interface SlotOwner {
  /** The worker is ready. */
  slotReady(slot: Slot): void;
  /** The call that ran has ended; it is still in the slot. */
  slotDone(
    slot: Slot,
    call: Call,
    ok: boolean,
    value: unknown,
    runMs: number,
    busyMs: number,
    nowMs: number,
  ): void;
  /** The worker has died, or was terminated. */
  slotDied(slot: Slot, death: Death): void;
  /** The thread of a worker that died as lost has ended. */
  slotReturned(slot: Slot): void;
}

/** One slot of the pool: a worker, the call it runs, and those it was handed ahead of time. */
export class Slot implements PortOwner, CallHolder {
  readonly port: WorkerPort;
  readonly #owner: SlotOwner;
  readonly #clock: Clock;
  /** When it is replaced. */
  limits: SlotLimits;
  readonly #gauges: WorkerGauges;
  /** Number of the worker in its pool, from 1. */
  number = 0;
  state: "starting" | "ready" | "leaving" = "starting";
  wasReady = false;
  /** Why it was terminated, if not for the reason its port reports. */
  reason: Error | null = null;
  /** The running call; the others are linked behind it. */
  head: Call | null = null;
  #tail: Call | null = null;
  /** Number of calls it holds. */
  size = 0;
  /** Their expected run time in total, in ms; a call counts as `AHEAD_MS` at most. */
  #workMs = 0;
  /** When the head started to run, on the router's clock. */
  headSinceMs = 0;
  /** What was left of its run when it had had so much, in ms; -1 until that is asked. */
  #leftMs = NaN;
  #leftHadMs = -1;
  /** The kind of the call that was started last. */
  lastKind: KindFacts | undefined = undefined;
  /** When it became idle, on the router's clock. */
  idleSinceMs = 0;
  /** Number of calls it has finished. */
  #callsDone = 0;
  /** Whether it has reached one of its limits, and is to be replaced. */
  isSpent = false;
  /** Terminates a worker that does not start in time, or whose aborted head does not stop. */
  #timer: Timer | null = null;

  constructor(
    port: WorkerPort,
    owner: SlotOwner,
    clock: Clock,
    limits: SlotLimits,
    gauges: WorkerGauges,
  ) {
    this.port = port;
    this.#owner = owner;
    this.#clock = clock;
    this.limits = limits;
    this.#gauges = gauges;
  }

  /** Whether a call may wait behind those it holds. */
  isOpenTo(call: Call, nowMs: number): boolean {
    if (this.size === 0) return false; // an idle worker needs a permit
    const isShort = call.ticket.expectedMs < AHEAD_MS;
    const isFree = isShort ? this.#workMs < AHEAD_MS : this.#mayBeFollowed();
    return isFree && this.takesAnother &&
      (nowMs - this.headSinceMs < AHEAD_MS || this.port.hasResults);
  }

  /** Whether one more call may wait in it. */
  get takesAnother(): boolean {
    return this.state === "ready" && !this.#isSpentBy(this.size) && this.port.room > 0;
  }

  /** Whether it will have reached one of its limits after `calls` more calls. */
  #isSpentBy(calls: number): boolean {
    const { maxCallsPerWorker, maxHeapBytes } = this.limits;
    return this.#callsDone + calls >= maxCallsPerWorker || this.port.heapBytes > maxHeapBytes;
  }

  /** Whether it holds exactly one call, neither short nor long: then one more like it may wait. */
  #mayBeFollowed(): boolean {
    const { expectedMs } = this.head!.ticket;
    return this.size === 1 && expectedMs >= AHEAD_MS && expectedMs < FOLLOW_MS;
  }

  /**
   * Whether a call would run sooner behind those it holds than in a worker that must be woken. It is open to such
   * a call: what `isOpenTo` asks for besides follows from this.
   */
  isQuick(call: Call, nowMs: number): boolean {
    const weightMs = weightMsOf(call.ticket);
    const limitMs = weightMs <= ROUTER_MS ? AHEAD_MS : WAKE_MS;
    return this.size > 0 && this.#workMs + weightMs <= limitMs && this.#isBrisk(nowMs) &&
      this.takesAnother;
  }

  /** Whether the running call still looks like a short one. */
  #isBrisk(nowMs: number): boolean {
    const ms = nowMs - this.headSinceMs;
    return ms <= WAKE_MS || this.port.hasResults || (ms <= WAKING_MS && !this.port.isRunning);
  }

  /** Whether calls wait in it that another worker would start sooner. */
  isLate(nowMs: number): boolean {
    if (this.size < 2) return false;
    const weightMs = weightMsOf(this.head!.ticket);
    return weightMs >= AHEAD_MS || nowMs - this.headSinceMs > weightMs + LATE_MS;
  }

  /** When it is expected to have done all it holds, in ms from now. */
  freeInMs(model: RunTimeModel, nowMs: number): number {
    if (this.head === null) return 0;
    let ms = this.head.isBatch ? this.leftMs(nowMs) : this.#headLeftMs(this.head, model, nowMs);
    for (let call = this.head.ticket.next; call !== null; call = call.ticket.next) {
      ms += call.ticket.expectedMs;
    }
    return ms >= 0 ? ms : 0;
  }

  /** When its running call is expected to end, in ms from now; `Infinity` if nobody knows. */
  endsInMs(model: RunTimeModel, nowMs: number): number {
    if (this.head === null || this.head.isBatch) return Infinity;
    const ms = this.#headLeftMs(this.head, model, nowMs);
    return ms > 0 ? ms : Infinity; // it takes longer than any before it
  }

  /** Several ask at the same time. `NaN` if unknown, 0 if it has taken longer than any. */
  #headLeftMs({ facts: { kind, computeCost } }: Call, model: RunTimeModel, nowMs: number): number {
    const hadMs = nowMs - this.headSinceMs;
    if (hadMs === this.#leftHadMs) return this.#leftMs;
    this.#leftHadMs = hadMs;
    return this.#leftMs = model.leftMs(kind, computeCost, hadMs);
  }

  /** Expected time until its head ends, in ms; `NaN` if unknown. */
  leftMs(nowMs: number): number {
    if (this.head === null) return 0;
    return Math.max(0, this.head.ticket.expectedMs - (nowMs - this.headSinceMs));
  }

  /** Its head starts to run. */
  begin(kind: KindFacts, nowMs: number): void {
    this.headSinceMs = nowMs;
    this.#leftHadMs = -1;
    this.lastKind = kind;
  }

  /** Adds a call; returns whether it is the one that runs. */
  push(call: Call): boolean {
    const { ticket } = call;
    ticket.holder = this;
    ticket.previous = this.#tail;
    ticket.next = null;
    if (this.#tail === null) this.head = call;
    else this.#tail.ticket.next = call;
    this.#tail = call;
    this.size++;
    this.#workMs += weightMsOf(ticket);
    return this.head === call;
  }

  /** Removes a call. */
  remove(call: Call): void {
    const { ticket } = call;
    if (this.head === call && this.#timer !== null) this.setTimer(null); // it was for the head
    if (ticket.previous === null) this.head = ticket.next;
    else ticket.previous.ticket.next = ticket.next;
    if (ticket.next === null) this.#tail = ticket.previous;
    else ticket.next.ticket.previous = ticket.previous;
    ticket.previous = null;
    ticket.next = null;
    ticket.holder = null;
    this.size--;
    this.#workMs = this.size === 0 ? 0 : this.#workMs - weightMsOf(ticket);
  }

  /** Removes all calls; returns them, the last first. */
  empty(): Call[] {
    const calls = this.held();
    for (const call of calls) this.remove(call);
    return calls;
  }

  /** The calls it holds, the last first. */
  held(): Call[] {
    const calls: Call[] = [];
    for (let call = this.#tail; call !== null; call = call.ticket.previous) calls.push(call);
    return calls;
  }

  /** The calls behind the head, the last first. */
  waiting(): Call[] {
    return this.held().slice(0, -1);
  }

  revoke(call: Call): boolean {
    if (this.head === call || !this.port.revoke(call.ticket.seq)) return false;
    this.remove(call);
    return true;
  }

  abort(call: Call, graceMs: number): void {
    const { ticket } = call;
    this.port.abort(ticket.seq);
    ticket.graceEndsAtMs = Math.min(ticket.graceEndsAtMs ?? Infinity, this.#clock.now() + graceMs);
    if (this.head === call) this.limit(call);
  }

  /** Terminates the worker if a call that nobody waits for outlasts its grace period. */
  limit(call: Call): void {
    const { graceEndsAtMs } = call.ticket;
    if (graceEndsAtMs === null || !call.isForsaken) return;
    const limitMs = Math.max(0, Math.min(graceEndsAtMs - this.#clock.now(), MAX_TIMER_MS));
    this.setTimer(this.#clock.setTimer(limitMs, (slot) => slot.lookOnceMore(call), this as Slot));
  }

  /** Gives the call one more turn: if this thread was blocked, its end may have arrived unread. */
  lookOnceMore(call: Call): void {
    this.poll();
    if (this.head === call) this.#clock.post((slot) => slot.stop(call), this as Slot);
  }

  /** Terminates the worker if the call goes on. */
  stop(call: Call): void {
    this.poll();
    if (this.head === call) this.terminate();
  }

  poll(): void {
    if (this.port.hasResults) this.port.poll();
  }

  /** Replaces its timer. */
  setTimer(timer: Timer | null): void {
    this.#timer?.cancel();
    this.#timer = timer;
  }

  /** Terminates its worker; `slotDied` follows. */
  terminate(): void {
    if (this.state === "leaving") return;
    this.leave();
    this.setTimer(null);
    this.port.terminate();
  }

  /** It takes no more calls. */
  leave(): void {
    if (this.state === "ready") this.#gauges.workersReady--;
    this.state = "leaving";
  }

  ready(): void {
    if (this.state !== "starting") return;
    this.state = "ready";
    this.#gauges.workersReady++;
    this.wasReady = true;
    this.setTimer(null);
    this.#owner.slotReady(this);
  }

  result(
    _port: WorkerPort,
    seq: number,
    ok: boolean,
    value: unknown,
    runMs: number,
    busyMs: number,
    nowMs: number,
  ): void {
    const call = this.head;
    if (call === null || seq !== call.ticket.seq) return;
    this.#callsDone++;
    this.isSpent = this.#isSpentBy(0);
    this.#owner.slotDone(this, call, ok, value, runMs, busyMs, nowMs);
  }

  progress(_port: WorkerPort, seq: number, value: unknown): void {
    for (let call = this.head; call !== null; call = call.ticket.next) {
      if (call.ticket.seq === seq) return call.report(value);
    }
  }

  died(_port: WorkerPort, death: Death): void {
    this.setTimer(null);
    this.#owner.slotDied(this, death);
  }

  returned(_port: WorkerPort): void {
    this.#owner.slotReturned(this);
  }
}

/** A call's share of the work that a worker holds, in ms. */
function weightMsOf({ expectedMs }: Ticket): number {
  // `+`, or V8, which does not know that what is imported is a number, makes an object of either.
  return expectedMs < AHEAD_MS ? expectedMs : +AHEAD_MS;
}
