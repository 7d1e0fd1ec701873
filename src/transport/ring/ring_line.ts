import { DEPTH } from "../call_states.ts";
import type { FromWorker, ToWorker } from "../protocol.ts";
import * as ring from "./ring_memory.ts";
import { ValueReader, ValueWriter } from "./value_ring.ts";
import { cannotRead } from "../wire_error.ts";
import type { Movable } from "../../movable.ts";
import { type Line, type LineOwner, tellResult } from "../line.ts";
import { Lookout, type RingOptions } from "./lookout.ts";
import type { WorkerCall } from "../../worker_call.ts";
import { SentCalls } from "../sent_calls.ts";

type Mail = Extract<FromWorker, { type: "helix.mail" }>;

/**
 * In a long turn calls are published in parts, and results told in parts, so that a worker that is
 * awake need not wait: who hears of the first results submits anew before the last ones are told.
 */
const PART = 32;
/** A result whose message could not be read is given up after this time. */
const GARBLED_MS = 50;

/**
 * The shared-memory transport; README.md beside this file has the rules. The calls of one turn are published
 * together, and the worker is woken once for them.
 */
export class RingLine implements Line {
  readonly sent: SentCalls;
  readonly #memory: ring.RingMemory;
  /** Heads of calls, by the name of their kind. */
  readonly #heads: ReadonlyMap<string, number>;
  readonly #owner: LineOwner;
  readonly #now: () => number;
  readonly #lookout: Lookout;
  readonly #send: (message: ToWorker, transfer?: Movable[]) => void;
  readonly #writer: ValueWriter;
  readonly #reader: ValueReader;
  /** Results that came by message. */
  readonly #mail: Mail[] = [];
  /** Messages that could not be read. */
  #garbled = 0;
  #isDoubting = false;
  #isPlanned = false;
  #isClosed = false;
  /** Results up to this one are to be told in this turn. */
  #tellUpTo = 0;
  #isTelling = false;
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
    this.#heads = new Map(kinds.map((name, place) => [name, ring.headOf(place)]));
    this.#owner = owner;
    this.#now = options.now;
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
    this.#tellUpTo = Atomics.load(this.#memory.control, ring.DONE);
    this.#tellPart(DEPTH);
  }

  post({ seq, kind, isBatch, payload, traces }: WorkerCall, transfer: Movable[]): void {
    const form = traces === undefined
      ? this.#put(payload, transfer)
      : this.#putTraced(payload, traces, transfer);
    const place = this.sent.written & (DEPTH - 1);
    this.#memory.heads[place] = this.#heads.get(kind)! | (isBatch ? ring.BATCH_BIT : 0) | form;
    this.sent.add(seq);
    if (!this.#isPlanned) {
      this.#isPlanned = true;
      queueMicrotask(this.#flushSoon);
    } else if (this.sent.written % PART === 0 && this.#sleep === ring.AWAKE) this.#publish();
  }

  hear(message: FromWorker): void {
    if (message.type === "helix.bell") this.#lookout.isArmed = false;
    else if (message.type === "helix.mail" && message.result) this.#mail.push(message);
    else return;
    this.#collect();
    this.#lookout.watch();
  }

  garbled(): void {
    this.#garbled++;
    this.#doubt();
  }

  /** What was garbled may be the result that is missing, or something that a job has sent. */
  #doubt(): void {
    if (this.#garbled === 0 || this.#isDoubting || !this.#isMailMissing) return;
    this.#isDoubting = true;
    const { read } = this.sent;
    setTimeout(() => this.#giveUp(read), GARBLED_MS);
  }

  /** The time is over in which the result of `call` would have come. */
  #giveUp(call: number): void {
    this.#isDoubting = false;
    this.#garbled--;
    if (this.#isClosed) return;
    if (this.sent.read === call && this.#isMailMissing) {
      const heardAtMs = this.#now();
      this.#owner.result(this.sent.take(), false, cannotRead("Output"), 0, heardAtMs);
      if (this.sent.size === 0) this.#owner.drained();
    }
    this.#collect();
    this.#doubt();
    this.#lookout.watch();
  }

  /** Whether the next result is one whose message has not come. */
  get #isMailMissing(): boolean {
    const { read } = this.sent;
    return this.hasResults && this.#memory.forms[read & (DEPTH - 1)] === ring.MAIL &&
      this.#mail[0]?.call !== read;
  }

  close(): void {
    this.poll();
    this.#isClosed = true;
    this.#lookout.close();
    // Or it would be taken for awake for ever.
    const { control, awake } = this.#memory;
    if (Atomics.exchange(control, ring.COUNTED, 0) === 1) Atomics.sub(awake, 0, 1);
  }

  /** Decides how a payload travels, and sends what goes by message. */
  #put(payload: unknown, transfer: Movable[]): number {
    if (transfer.length === 0 && this.#writer.add(payload)) return ring.VALUE;
    return this.#sendMail({ type: "mail", call: this.sent.written, payload }, transfer);
  }

  /** The same, with what carries the traces. */
  #putTraced(payload: unknown, traces: WorkerCall["traces"], transfer: Movable[]): number {
    if (transfer.length === 0 && this.#writer.add([payload, traces])) return ring.TRACED;
    return this.#sendMail({ type: "mail", call: this.sent.written, payload, traces }, transfer);
  }

  /** Sends a payload by message, which wakes a worker that is parked. */
  #sendMail(message: ToWorker, transfer: Movable[]): number {
    const isCall = this.#call();
    try {
      this.#send(message, transfer);
    } catch (error) {
      if (isCall) this.#send({ type: "wake" });
      throw error;
    }
    return ring.MAIL;
  }

  /** Lets the worker see what was posted. */
  #publish(): void {
    this.#writer.flush();
    Atomics.store(this.#memory.control, ring.WRITTEN, this.sent.written);
  }

  /** Publishes the calls of this turn, and wakes the worker. */
  #flush(): void {
    this.#isPlanned = false;
    if (this.#isClosed) return;
    this.#publish();
    this.#lookout.expect(this.#wake());
  }

  get #sleep(): number {
    return Atomics.load(this.#memory.control, ring.SLEEP);
  }

  /** Wakes the worker; tells whether it slept. */
  #wake(): boolean {
    const sleep = this.#sleep;
    if (sleep === ring.WAITING) Atomics.notify(this.#memory.control, ring.WRITTEN, 1);
    else if (sleep === ring.PARKED && this.#call()) this.#send({ type: "wake" });
    return sleep !== ring.AWAKE;
  }

  /** Whether the worker is parked and the next message is to wake it. */
  #call(): boolean {
    const { control } = this.#memory;
    return Atomics.compareExchange(control, ring.SLEEP, ring.PARKED, ring.CALLED) === ring.PARKED;
  }

  /** Tells all results that are there, the first of them at once. */
  #collect(): void {
    this.#tellUpTo = Atomics.load(this.#memory.control, ring.DONE);
    if (!this.#isTelling) this.#tellPart(PART);
  }

  /** Tells as many results as `most`, and the others later in this turn. */
  #tellPart(most: number): void {
    const { sent } = this;
    if (((this.#tellUpTo - sent.read) | 0) <= 0 || this.#isClosed) return;
    const heardAtMs = this.#now();
    const end = (sent.read + most) | 0;
    while (((this.#tellUpTo - sent.read) | 0) > 0 && !this.#isClosed) {
      if (sent.read === end) return this.#tellLater();
      if (!this.#take(heardAtMs)) return;
    }
    if (sent.size === 0) this.#owner.drained();
  }

  #tellLater(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(this.#tellMore);
  }

  /** Takes the oldest result; tells whether it could: its message may still be on the way. */
  #take(heardAtMs: number): boolean {
    const { forms, runMs } = this.#memory;
    const place = this.sent.read & (DEPTH - 1);
    const form = forms[place];
    if (form === ring.MAIL) return this.#takeMail(heardAtMs);
    const value = form === ring.VALUE ? this.#reader.next() : undefined;
    const ranMs = runMs[place];
    const seq = this.sent.take();
    if (form !== ring.SKIPPED) this.#owner.result(seq, true, value, ranMs, heardAtMs);
    return true;
  }

  #takeMail(heardAtMs: number): boolean {
    // What is older belongs to a call that has been given up as garbled.
    while (this.#mail.length > 0 && ((this.#mail[0].call - this.sent.read) | 0) < 0) {
      this.#mail.shift();
    }
    if (this.#mail[0]?.call !== this.sent.read) {
      this.#doubt();
      return false;
    }
    const { result } = this.#mail.shift()!;
    tellResult(this.#owner, this.sent.take(), result, heardAtMs);
    return true;
  }
}
