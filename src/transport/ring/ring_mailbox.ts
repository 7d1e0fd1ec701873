import type { AnyKind } from "../../define/jobs.ts";
import { DEPTH } from "../call_states.ts";
import type { Channel } from "../channel.ts";
import type { Mailbox, Taken } from "../mailbox.ts";
import type { InitMessage, RunTimes, ToWorker } from "../protocol.ts";
import { sendOutput, toMessage } from "../result.ts";
import type { Run, Traces } from "../run.ts";
import { encodeError } from "../encode_error.ts";
import { cannotRead } from "../not_cloned.ts";
import type { WireError } from "../wire_error.ts";
import * as ring from "./ring_memory.ts";
import { RingSleep } from "./ring_sleep.ts";
import { ValueReader, ValueWriter } from "./value_ring.ts";

type Mail = Extract<ToWorker, { type: "mail" }>;

/** Calls and results by shared memory, the worker's end; README.md beside this file has the rules. */
export class RingMailbox implements Mailbox {
  readonly #memory: ring.RingMemory;
  readonly #kinds: readonly (AnyKind | undefined)[];
  readonly #channel: Channel;
  readonly #run: Run;
  readonly #key: number;
  readonly #sleep: RingSleep;
  readonly #reader: ValueReader;
  readonly #writer: ValueWriter;
  /** Payloads that arrived by message, by number of their call. */
  readonly #mail = new Map<number, Mail>();
  /** Number of messages that could not be deserialized. */
  #garbled = 0;
  /** Whether there are results the router has not been notified of. */
  #isUntold = false;

  constructor(
    memory: ring.RingMemory,
    kinds: readonly (AnyKind | undefined)[],
    channel: Channel,
    run: Run,
    { cores, key }: Pick<InitMessage, "cores" | "key">,
  ) {
    this.#memory = memory;
    this.#kinds = kinds;
    this.#channel = channel;
    this.#run = run;
    this.#key = key;
    this.#sleep = new RingSleep(memory, cores);
    this.#reader = new ValueReader(memory.inputs);
    this.#writer = new ValueWriter(memory.outputs);
  }

  hear(message: ToWorker): void {
    if (message.type === "mail") this.#mail.set(message.call, message);
  }

  garbled(): void {
    this.#garbled++;
  }

  open(): void {
    this.#sleep.wake();
  }

  take(call: number): Taken | null {
    if (Atomics.load(this.#memory.control, ring.WRITTEN) === call && !this.#wait(call)) return null;
    this.#sleep.found(this.#run.nowMs);
    const head = this.#memory.heads[call & (DEPTH - 1)];
    const form = ring.formOf(head);
    const kind = this.#kinds[ring.kindOf(head)];
    const isBatch = ring.isBatchOf(head);
    if (form === ring.MAIL) return this.#takeMail(call, kind, isBatch);
    const value = this.#reader.next();
    if (form !== ring.TRACED) {
      return { kind, isBatch, payload: value, traces: undefined, error: undefined };
    }
    const [payload, traces] = value as [unknown, Traces];
    return { kind, isBatch, payload, traces, error: undefined };
  }

  #takeMail(call: number, kind: AnyKind | undefined, isBatch: boolean): Taken | null {
    const mail = this.#mail.get(call);
    if (mail === undefined && this.#garbled === 0) return null; // it has not arrived
    if (mail === undefined) { // messages arrive in order: it is the one that was garbled
      this.#garbled--;
      const error = encodeError(cannotRead("Input"));
      return { kind, isBatch, payload: undefined, traces: undefined, error };
    }
    this.#mail.delete(call);
    const { payload, traces } = mail;
    return { kind, isBatch, payload, traces, error: undefined };
  }

  /** Waits for call number `call`; returns whether it has come. */
  #wait(call: number): boolean {
    this.tell();
    const hasCome = this.#sleep.wait(call, this.#mail.size > 0); // a payload precedes its call
    this.#run.resetClock();
    return hasCome;
  }

  skip(call: number): void {
    this.#publish(call, ring.SKIPPED);
  }

  succeed(call: number, { kind, isBatch }: Taken, value: unknown, times: RunTimes): void {
    this.#memory.runMs[call & (DEPTH - 1)] = times.runMs;
    this.#memory.busyMs[call & (DEPTH - 1)] = times.busyMs;
    // A result in the ring would overtake the progress that its run has reported by message.
    const isFree = kind!.transferOutput === undefined && !this.#run.hasReported;
    if (isFree && this.#writer.add(value)) {
      this.#writer.flush();
      return this.#publish(call, ring.VALUE);
    }
    this.#announceMail(call);
    sendOutput(kind!, isBatch, value, times, (result, transfer) => {
      this.#channel.post(toMessage(this.#key, call, result), transfer);
    });
  }

  fail(call: number, error: WireError, { runMs, busyMs }: RunTimes): void {
    this.#announceMail(call);
    this.#channel.post(toMessage(this.#key, call, { runMs, busyMs, error }));
  }

  /** The entry comes first, so that its reader waits for the message and needs no bell. */
  #announceMail(call: number): void {
    this.#store(call, ring.MAIL);
  }

  #publish(call: number, form: number): void {
    this.#store(call, form);
    this.#isUntold = true;
  }

  #store(call: number, form: number): void {
    const { control, forms } = this.#memory;
    forms[call & (DEPTH - 1)] = form;
    Atomics.store(control, ring.DONE, (call + 1) | 0);
  }

  tell(): void {
    if (!this.#isUntold) return;
    this.#isUntold = false;
    const { control } = this.#memory;
    // Only if it has armed the bell.
    if (Atomics.load(control, ring.BELL) === 1 && Atomics.exchange(control, ring.BELL, 0) === 1) {
      this.#channel.post({ type: "helix.bell" });
    }
  }
}
