import type { AnyKind } from "../../define/jobs.ts";
import { finish } from "../call_states.ts";
import type { Channel } from "../channel.ts";
import type { Mailbox, Taken } from "../mailbox.ts";
import type { InitMessage, Result, RunTimes, SentCall, ToWorker } from "../protocol.ts";
import { sendOutput, toMessage } from "../result.ts";
import { encodeError } from "../encode_error.ts";
import { cannotRead } from "../not_cloned.ts";
import type { WireError } from "../wire_error.ts";

/** Calls and results by messages. A result is sent at once, together with those of calls not run. */
export class MessageMailbox implements Mailbox {
  readonly #kinds: ReadonlyMap<string, AnyKind>;
  readonly #states: Int32Array | undefined;
  readonly #key: number;
  readonly #channel: Channel;
  /** Calls not yet taken; `null` for one that could not be deserialized. */
  #calls: (SentCall | null)[] = [];
  /** Index of the next of them. */
  #place = 0;
  /** Results that have not been sent: they hold nothing that a job could still change. */
  #results: Result[] = [];
  /** Number of the first of their calls. */
  #first = 0;

  constructor(
    kinds: ReadonlyMap<string, AnyKind>,
    channel: Channel,
    { states, key }: Pick<InitMessage, "states" | "key">,
  ) {
    this.#kinds = kinds;
    this.#states = states;
    this.#key = key;
    this.#channel = channel;
  }

  hear(message: ToWorker): void {
    const left = this.#calls.slice(this.#place);
    if (message.type === "call") this.#calls = [...left, message];
    else if (message.type === "calls") this.#calls = [...left, ...message.calls];
    else return;
    this.#place = 0;
  }

  garbled(): void {
    this.#calls.push(null);
  }

  open(): void {
    // Calls come by message only.
  }

  take(): Taken | null {
    const call = this.#calls[this.#place];
    if (call === undefined) {
      this.#calls = [];
      this.#place = 0;
      return null;
    }
    this.#place++;
    if (call === null) return garbled();
    return { ...call, kind: this.#kinds.get(call.kind) };
  }

  skip(call: number): void {
    this.#leave(call, { runMs: 0, busyMs: 0, isSkipped: true });
  }

  succeed(call: number, { kind, isBatch }: Taken, value: unknown, times: RunTimes): void {
    this.#finish(call);
    this.tell(); // an output that cannot be cloned must not fail the others
    sendOutput(kind!, isBatch, value, times, (result, transfer) => {
      this.#channel.post(toMessage(this.#key, call, result), transfer);
    });
  }

  fail(call: number, error: WireError, { runMs, busyMs }: RunTimes): void {
    this.#finish(call);
    this.#leave(call, { runMs, busyMs, error });
  }

  #leave(call: number, result: Result): void {
    if (this.#results.length === 0) this.#first = call;
    this.#results.push(result);
  }

  #finish(call: number): void {
    if (this.#states !== undefined) finish(this.#states, call);
  }

  tell(): void {
    if (this.#results.length === 0) return;
    this.#channel.post({
      ...{ type: "helix.results", key: this.#key, call: this.#first },
      results: this.#results,
    });
    this.#results = [];
  }
}

function garbled(): Taken {
  const error = encodeError(cannotRead("Input"));
  return { kind: undefined, isBatch: false, payload: undefined, error };
}
