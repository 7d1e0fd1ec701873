import type { AnyKind } from "../../define/jobs.ts";
import { isThenable } from "../../thenable.ts";
import { ABORTED, claim, DEPTH, PENDING } from "../call_states.ts";
import type { Channel } from "../channel.ts";
import { type Desk, SERVE_MS } from "../desk.ts";
import type { InitMessage, ToWorker } from "../protocol.ts";
import { sendOutput } from "../result.ts";
import * as ring from "./ring_memory.ts";
import { type Next, RingSleep } from "./ring_sleep.ts";
import { aborted, Run, type Traces } from "../run.ts";
import { ValueReader, ValueWriter } from "./value_ring.ts";
import { cannotRead, encodeError } from "../wire_error.ts";

/** While short calls go on, the router is notified of a result after this time at the latest. */
const UNTOLD_MS = 0.1;

type Mail = Extract<ToWorker, { type: "mail" }>;

/** The worker's end of the ring; README.md beside this file has the rules. */
export class RingDesk implements Desk {
  readonly #memory: ring.RingMemory;
  readonly #kinds: readonly (AnyKind | undefined)[];
  readonly #channel: Channel;
  readonly #sleep: RingSleep;
  readonly #reader: ValueReader;
  readonly #writer: ValueWriter;
  readonly #run: Run;
  /** Payloads that arrived by message, by number of their call. */
  readonly #mail = new Map<number, Mail>();
  /** Number of messages that could not be deserialized. */
  #garbled = 0;
  /** Calls taken so far, and whether the last one's payload arrived by message. */
  #taken = 0;
  #cameByMessage = false;
  /** Whether it is taking calls, awaits a run, or is scheduled to continue. */
  #isBusy = false;
  /** Since when there are results the router has not been notified of, in ms; `NaN` if none. */
  #untoldSinceMs = NaN;

  constructor(
    memory: ring.RingMemory,
    kinds: readonly (AnyKind | undefined)[],
    channel: Channel,
    { cores, tellsHeap }: InitMessage,
  ) {
    this.#memory = memory;
    this.#kinds = kinds;
    this.#channel = channel;
    this.#sleep = new RingSleep(memory, cores);
    this.#reader = new ValueReader(memory.inputs);
    this.#writer = new ValueWriter(memory.outputs);
    this.#run = new Run(channel, memory.states, tellsHeap);
  }

  hear(message: ToWorker): void {
    if (message.type === "abort") return this.#run.abort(message.call);
    if (message.type === "mail") this.#mail.set(message.call, message);
    this.#go();
  }

  garbled(): void {
    this.#garbled++;
    this.#go();
  }

  #go(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.serve();
  }

  /** Takes calls until none are left, one is asynchronous, or the turn has been long. */
  serve(): void {
    const { control } = this.#memory;
    this.#sleep.wake();
    const run = this.#run;
    run.resetClock();
    const turnEndMs = run.nowMs + SERVE_MS;
    for (;;) {
      if (Atomics.load(control, ring.WRITTEN) === this.#taken && !this.#wait()) return;
      this.#sleep.found(run.nowMs);
      if (!this.#take()) return this.#tell();
      this.#sleep.worked(run.nowMs);
      if (run.nowMs - this.#untoldSinceMs > UNTOLD_MS) this.#tell();
      if (run.nowMs > turnEndMs) return this.#yield();
    }
  }

  /** Runs the next call; returns whether it has ended. */
  #take(): boolean {
    const call = this.#taken;
    const place = call & (DEPTH - 1);
    const { heads, states } = this.#memory;
    const head = heads[place];
    const form = ring.formOf(head);
    let payload: unknown;
    let traces: Traces;
    let isGarbled = false;
    if (form === ring.MAIL) {
      const mail = this.#mail.get(call);
      // Messages arrive in order, so a missing one is the one that could not be deserialized.
      isGarbled = mail === undefined && this.#garbled > 0;
      if (isGarbled) this.#garbled--;
      else if (mail === undefined) { // its message has not arrived
        this.#isBusy = false;
        return false;
      } else {
        ({ payload, traces } = mail);
        this.#mail.delete(call);
      }
    } else {
      payload = this.#reader.next();
      if (form === ring.TRACED) [payload, traces] = payload as [unknown, Traces];
    }
    this.#taken = (call + 1) | 0;
    this.#cameByMessage = form === ring.MAIL;
    const before = claim(states, call);
    if (before !== PENDING) {
      if (before === ABORTED) this.#fail(place, undefined, aborted());
      else this.#publish(place, ring.SKIPPED);
      return true;
    }
    const isBatch = ring.isBatchOf(head);
    const kind = this.#kinds[ring.kindOf(head)]!;
    if (!this.#run.isShort(kind)) this.#tell();
    let value: unknown;
    try {
      if (isGarbled) throw cannotRead("Input");
      value = this.#run.start(call, kind, isBatch, payload, traces);
      if (isThenable(value)) {
        Promise.resolve(value).then(
          (later) => this.#resume(place, kind, isBatch, true, later),
          (error) => this.#resume(place, kind, isBatch, false, error),
        );
        return false;
      }
    } catch (error) {
      this.#fail(place, kind, error);
      return true;
    }
    this.#succeed(place, kind, isBatch, value);
    return true;
  }

  #resume(place: number, kind: AnyKind, isBatch: boolean, ok: boolean, value: unknown): void {
    if (ok) this.#succeed(place, kind, isBatch, value);
    else this.#fail(place, kind, value);
    this.serve();
  }

  #succeed(place: number, kind: AnyKind, isBatch: boolean, value: unknown): void {
    const runMs = this.#endRun(place, kind);
    const isFree = kind.transferOutput === undefined && !this.#run.hasReported;
    if (isFree && this.#writer.add(value)) {
      this.#writer.flush();
      return this.#publish(place, ring.VALUE);
    }
    // The entry comes first, so that its reader waits for the message and needs no bell.
    this.#announceMail(place);
    const call = (this.#taken - 1) | 0;
    sendOutput(kind, isBatch, value, runMs, (result, transfer) => {
      this.#channel.post({ type: "helix.mail", call, result }, transfer);
    });
  }

  #fail(place: number, kind: AnyKind | undefined, error: unknown): void {
    const runMs = this.#endRun(place, kind);
    this.#announceMail(place);
    const result = { runMs, error: encodeError(error) };
    this.#channel.post({ type: "helix.mail", call: (this.#taken - 1) | 0, result });
  }

  #endRun(place: number, kind: AnyKind | undefined): number {
    return this.#memory.runMs[place] = this.#run.end(kind);
  }

  #announceMail(place: number): void {
    const { control, forms } = this.#memory;
    forms[place] = ring.MAIL;
    Atomics.store(control, ring.DONE, this.#taken);
  }

  #publish(place: number, form: number): void {
    const { control, forms } = this.#memory;
    forms[place] = form;
    Atomics.store(control, ring.DONE, this.#taken);
    if (!(this.#untoldSinceMs >= 0)) this.#untoldSinceMs = this.#run.nowMs;
  }

  /** Notifies the router of results, if it has armed the bell. */
  #tell(): void {
    if (!(this.#untoldSinceMs >= 0)) return;
    this.#untoldSinceMs = NaN;
    const { control } = this.#memory;
    if (Atomics.load(control, ring.BELL) === 1 && Atomics.exchange(control, ring.BELL, 0) === 1) {
      this.#channel.post({ type: "helix.bell" });
    }
  }

  /** Waits for a call; returns whether there is one. If not, `serve()` is called again later. */
  #wait(): boolean {
    this.#tell();
    const waited = this.#sleep.wait(this.#taken, this.#next);
    this.#run.resetClock();
    if (waited === "nothing") this.#yield();
    else if (waited === "parked") this.#isBusy = false;
    return waited === "call";
  }

  /** A payload's message precedes its call; a call by message may be followed by another. */
  get #next(): Next {
    if (this.#mail.size > 0) return "published_soon";
    return this.#cameByMessage ? "by_message" : "unknown";
  }

  #yield(): void {
    this.#tell();
    this.#channel.nextTurn((desk) => desk.serve(), this);
  }
}
