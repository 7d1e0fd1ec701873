import { DEPTH } from "../call_states.ts";
import { type FromWorker, type PlainResult, resultsIn, type ToWorker } from "../protocol.ts";
import type { Clock, Timer } from "../../clock.ts";
import * as ring from "./ring_memory.ts";
import { ValueReader, ValueWriter } from "./value_ring.ts";
import { cannotRead } from "../not_cloned.ts";
import type { Movable } from "../../movable.ts";
import { withOwnBytes } from "../own_bytes.ts";
import { type Line, type LineOwner, tellResult } from "../line.ts";
import { KindHeads } from "./kind_heads.ts";
import { Lookout, type RingOptions } from "./lookout.ts";
import { ResultMail } from "./result_mail.ts";
import type { WorkerCall } from "../../worker_call.ts";
import { SentCalls } from "../sent_calls.ts";

/**
 * In a long turn, calls are published and results delivered in parts of this size, so that a worker
 * that is awake need not wait: callers can submit again before the last results are delivered. With 8 or
 * 256, 9 and 24 % fewer jobs a second, 256 in flight.
 */
const PART = 32;
/**
 * How long a worker that has run out of calls sleeps on while results are delivered, in ms: callers submit again
 * meanwhile, so that it is woken for more of them, and less often.
 */
const LET_SLEEP_MS = 0.2;
/** A result whose message could not be deserialized is given up after this time. */
const GARBLED_MS = 50;

/**
 * The router's end of the ring; README.md beside this file has the rules. The calls of one turn are
 * published together, and wake the worker once.
 */
export class RingLine implements Line {
  declare readonly sent: SentCalls;
  readonly #memory: ring.RingMemory;
  readonly #heads: KindHeads;
  readonly #owner: LineOwner;
  readonly #clock: Clock;
  readonly #soon: RingOptions["soon"];
  readonly #realNow: () => number;
  readonly #lookout: Lookout;
  readonly #send: (message: ToWorker, transfer?: Movable[]) => void;
  readonly #writer: ValueWriter;
  readonly #reader: ValueReader;
  readonly #mail = new ResultMail();
  /** Number of messages that could not be deserialized. */
  #garbled = 0;
  #doubtTimer: Timer | null = null;
  #isPlanned = false;
  #isClosed = false;
  /** Results up to this one are to be delivered in this turn. */
  #tellUpTo = 0;
  #isTelling = false;
  /** Since when results have been delivered, in ms. */
  #tellSinceMs = 0;
  readonly #flushSoon = (): void => this.#flush();
  readonly #tellMore = (): void => {
    this.#isTelling = false;
    this.#tellPart(PART);
  };

  constructor(
    memory: ring.RingMemory,
    kinds: readonly string[],
    options: RingOptions,
    owner: LineOwner,
    send: (message: ToWorker, transfer?: Movable[]) => void,
  ) {
    this.#memory = memory;
    this.#heads = new KindHeads(kinds);
    this.#owner = owner;
    this.#clock = options.clock;
    this.#soon = options.soon;
    this.#realNow = options.realNow;
    this.#send = send;
    this.sent = new SentCalls(memory.states, true);
    this.#lookout = new Lookout(memory, this.sent, options, () => this.#collect());
    this.#writer = new ValueWriter(memory.inputs);
    this.#reader = new ValueReader(memory.outputs);
  }

  get room(): number {
    return this.sent.room;
  }

  get hasResults(): boolean {
    return Atomics.load(this.#memory.control, ring.DONE) !== this.sent.read;
  }

  poll(): void {
    if (this.#isPlanned && !this.#isClosed) {
      this.#publish();
      this.#wake();
    }
    this.#deliver();
  }

  #deliver(): void {
    this.#tellUpTo = Atomics.load(this.#memory.control, ring.DONE);
    this.#tellPart(DEPTH);
  }

  post({ seq, kind, isBatch, payload, traces }: WorkerCall, transfer: Movable[]): void {
    const form = traces === undefined
      ? this.#put(payload, transfer)
      : this.#putTraced(payload, traces, transfer);
    const place = this.sent.written & (DEPTH - 1);
    this.#memory.heads[place] = this.#heads.of(kind) | (isBatch === true ? ring.BATCH_BIT : 0) |
      form;
    this.sent.add(seq);
    if (this.#isPlanned === false) this.#plan();
    else if (this.sent.written % PART === 0 && this.#sleep() === ring.AWAKE) this.#publish();
  }

  #plan(): void {
    this.#isPlanned = true;
    this.#soon(this.#flushSoon);
  }

  hear(message: FromWorker | PlainResult): void {
    const told = resultsIn(message);
    if (told !== null) told.results.forEach((result, i) => this.#mail.add(told.call + i, result));
    else if ("type" in message && message.type === "helix.bell") this.#lookout.isArmed = false;
    else return;
    this.#collect();
    this.#lookout.watch();
  }

  garbled(): void {
    this.#garbled++;
    this.#doubt();
  }

  /** The garbled message may be the missing result, or one that a job has posted. */
  #doubt(): void {
    if (this.#garbled === 0 || this.#doubtTimer !== null || !this.#isMailMissing()) return;
    const { read } = this.sent;
    this.#doubtTimer = this.#clock.setTimer(GARBLED_MS, () => this.#giveUp(read), undefined);
  }

  /** Gives up the result of `call`, if it is still missing. */
  #giveUp(call: number): void {
    this.#doubtTimer = null;
    this.#garbled--;
    if (this.sent.read === call && this.#isMailMissing()) {
      const heardAtMs = this.#clock.now();
      this.#owner.result(this.sent.take(), false, cannotRead("Output"), 0, NaN, heardAtMs);
      if (this.sent.size === 0) this.#owner.drained();
    }
    this.#collect();
    this.#doubt();
    this.#lookout.watch();
  }

  /** Whether the next result is one whose message has not arrived. */
  #isMailMissing(): boolean {
    const { read } = this.sent;
    return this.hasResults && this.#memory.forms[read & (DEPTH - 1)] === ring.MAIL &&
      !this.#mail.has(read);
  }

  close(): void {
    this.#deliver();
    this.sent.finishBefore(Atomics.load(this.#memory.control, ring.DONE));
    this.#isClosed = true;
    this.#doubtTimer?.cancel();
    this.#lookout.close();
    // Or the worker would count as awake for ever.
    const { control, awake } = this.#memory;
    if (Atomics.exchange(control, ring.COUNTED, 0) === 1) Atomics.sub(awake, 0, 1);
  }

  /** Writes a payload into the ring, or sends it by message; returns its form. */
  #put(payload: unknown, transfer: Movable[]): number {
    if (transfer.length === 0 && this.#writer.add(payload)) return ring.VALUE;
    const own = withOwnBytes(payload, transfer);
    return this.#sendMail({ type: "mail", call: this.sent.written, payload: own }, transfer);
  }

  /** The same, with the trace contexts. */
  #putTraced(payload: unknown, traces: WorkerCall["traces"], transfer: Movable[]): number {
    if (transfer.length === 0 && this.#writer.add([payload, traces])) return ring.TRACED;
    const own = withOwnBytes(payload, transfer);
    return this.#sendMail(
      { type: "mail", call: this.sent.written, payload: own, traces },
      transfer,
    );
  }

  /** Sends a payload by message, which wakes a worker that is parked. */
  #sendMail(message: ToWorker, transfer: Movable[]): number {
    const mustWake = this.#claimWake();
    try {
      this.#send(message, transfer);
    } catch (error) {
      if (mustWake) this.#send({ type: "wake" });
      throw error;
    }
    return ring.MAIL;
  }

  /** Publishes the calls posted so far. */
  #publish(): void {
    this.#writer.flush();
    Atomics.store(this.#memory.control, ring.WRITTEN, this.sent.written);
  }

  /** Publishes the calls of this turn, and wakes the worker. */
  #flush(): void {
    this.#isPlanned = false;
    if (this.#isClosed) return;
    this.#publish();
    if (this.#isTelling && this.#lets()) return this.#plan();
    this.#lookout.expect(this.#wake());
  }

  /** Whether the worker sleeps, and may sleep on, as more calls are about to come. */
  #lets(): boolean {
    return this.#sleep() === ring.PARKED && this.#realNow() - this.#tellSinceMs < LET_SLEEP_MS;
  }

  #sleep(): number {
    return Atomics.load(this.#memory.control, ring.SLEEP);
  }

  /** Wakes the worker; returns whether it was asleep. */
  #wake(): boolean {
    const sleep = this.#sleep();
    if (sleep === ring.PARKED && this.#claimWake()) this.#send({ type: "wake" });
    return sleep !== ring.AWAKE;
  }

  /** Marks a parked worker as called; returns whether the next message is to wake it. */
  #claimWake(): boolean {
    const { control } = this.#memory;
    return Atomics.compareExchange(control, ring.SLEEP, ring.PARKED, ring.CALLED) === ring.PARKED;
  }

  /** Delivers all results that have arrived, the first part at once. */
  #collect(): void {
    this.#tellUpTo = Atomics.load(this.#memory.control, ring.DONE);
    this.#tellSinceMs = this.#realNow();
    if (!this.#isTelling) this.#tellPart(PART);
  }

  /** Delivers up to `most` results, and the rest later in this turn. */
  #tellPart(most: number): void {
    const { sent } = this;
    if (((this.#tellUpTo - sent.read) | 0) <= 0 || this.#isClosed === true) return;
    const heardAtMs = this.#clock.now();
    const end = (sent.read + most) | 0;
    while (((this.#tellUpTo - sent.read) | 0) > 0 && this.#isClosed === false) {
      if (sent.read === end) return this.#tellLater();
      if (!this.#take(heardAtMs)) return;
    }
    if (sent.size === 0) this.#owner.drained();
  }

  #tellLater(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    this.#soon(this.#tellMore);
  }

  /** Delivers the oldest result; returns `false` if its message has not arrived. */
  #take(heardAtMs: number): boolean {
    const { forms, runMs, busyMs } = this.#memory;
    const place = this.sent.read & (DEPTH - 1);
    const form = forms[place];
    if (form === ring.MAIL) return this.#takeMail(heardAtMs);
    const value = form === ring.VALUE ? this.#reader.next() : undefined;
    const ranMs = runMs[place];
    const wasBusyMs = busyMs[place];
    const seq = this.sent.take();
    if (form !== ring.SKIPPED) this.#owner.result(seq, true, value, ranMs, wasBusyMs, heardAtMs);
    return true;
  }

  #takeMail(heardAtMs: number): boolean {
    const result = this.#mail.take(this.sent.read);
    if (result === undefined) {
      this.#doubt();
      return false;
    }
    tellResult(this.#owner, this.sent.take(), result, heardAtMs);
    return true;
  }
}
